"""The sales of a run as the product sees them: events, in the order of time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from bench.yardstick.sales import DAY, Sales
from bench.yardstick.worlds import PRODUCTS
from detectors.basis.identifiers import AccountId, SaleId
from detectors.events.event import AnyEvent, Cancellation, Sale

BEGINS: Final = datetime(2023, 1, 1, tzinfo=UTC)
FIRST_DAY: Final = int(BEGINS.timestamp()) // DAY
"""The number of the first day, as the product counts days."""

AMOUNT: Final = 50.0


def days_of_events(sales: Sales) -> Iterator[list[AnyEvent]]:
    """Return the events of each day, from the first sale to the last cancellation."""
    cancelled = np.flatnonzero(sales.cancelled_at)
    cancelled = cancelled[np.argsort(sales.cancelled_at[cancelled], kind="stable")]
    cancelled_at = sales.cancelled_at[cancelled]
    last = max(int(sales.at[-1]), int(cancelled_at[-1]) if cancelled.size else 0)
    days = np.arange(last // DAY + 2) * DAY
    sold_from = np.searchsorted(sales.at, days).tolist()
    cancelled_from = np.searchsorted(cancelled_at, days).tolist()
    names = [f"agent-{agent}" for agent in range(sales.agents.count)]
    teams = [f"team-{team}" for team in sales.agents.team.tolist()]
    for day in range(len(days) - 1):
        events = _sold(sales, slice(sold_from[day], sold_from[day + 1]), names, teams)
        today = slice(cancelled_from[day], cancelled_from[day + 1])
        events += _cancelled(cancelled[today].tolist(), cancelled_at[today].tolist())
        events.sort(key=lambda event: event.occurred_at)
        yield events


def _sold(sales: Sales, today: slice, names: list[str], teams: list[str]) -> list[AnyEvent]:
    columns = zip(
        range(today.start, today.stop),
        sales.agent[today].tolist(),
        sales.at[today].tolist(),
        sales.product[today].tolist(),
        sales.customer[today].tolist(),
        strict=True,
    )
    events: list[AnyEvent] = []
    for place, agent, at, product, customer in columns:
        sale_id = str(place)
        events.append(
            Sale(
                event_id=f"sale-{sale_id}",
                account_id=AccountId(sale_id),
                occurred_at=BEGINS + timedelta(seconds=at),
                sale_id=SaleId(sale_id),
                customer_id=f"customer-{customer}",
                agent_id=names[agent],
                product=PRODUCTS[product],
                amount=AMOUNT,
                channel="phone",
                team=teams[agent],
            )
        )
    return events


def _cancelled(places: list[int], times: list[int]) -> list[AnyEvent]:
    return [
        Cancellation(
            event_id=f"cancellation-{place}",
            account_id=AccountId(str(place)),
            occurred_at=BEGINS + timedelta(seconds=at),
            sale_id=SaleId(str(place)),
            reason="customer_request",
            initiated_by="customer",
        )
        for place, at in zip(places, times, strict=True)
    ]
