"""Agents who do what the simulation does not: sell in bursts, and sell differently from one day."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

BURST_EVERY: Final = 3
BURST_OF: Final = 6


def with_odd_agents(
    timed_lines: Iterable[tuple[datetime, bytes]], start: date, days: int
) -> Iterator[tuple[datetime, bytes]]:
    """Add them to lines in time order."""
    first = datetime.combine(start, datetime.min.time(), UTC)
    mine = [*_bursts(first, days), *_shifts(first, days)]
    return heapq.merge(timed_lines, sorted(mine), key=lambda timed: timed[0])


def _bursts(first: datetime, days: int) -> Iterator[tuple[datetime, bytes]]:
    """Every third day `BURST_OF` identical sales, all cancelled on the next day."""
    for day in range(0, days - 1, BURST_EVERY):
        for number in range(BURST_OF):
            at, name = first + timedelta(days=day, hours=9, minutes=number), f"b-{day}-{number}"
            yield at, _sold(name, f"one-of-{day}", "burst-agent", 10.0, at)
            at += timedelta(days=1)
            yield at, _cancelled(name, at)


def _shifts(first: datetime, days: int) -> Iterator[tuple[datetime, bytes]]:
    """Two sales a day that stay; in the last third of the days eight, at thirty times the price."""
    for day in range(days):
        late = day >= days * 2 // 3
        for number in range(8 if late else 2):
            at, name = first + timedelta(days=day, hours=8, minutes=number), f"s-{day}-{number}"
            price = (300.0 if late else 10.0) + number + day % 3
            yield at, _sold(name, name, "shift-agent", price, at)
            at += timedelta(hours=1)
            yield at, _used(name, at)


def _sold(name: str, customer: str, agent_id: str, price: float, at: datetime) -> bytes:
    return (
        f'{{"type":"sale","event_id":"sale-{name}","account_id":"account-{name}",'
        f'"occurred_at":"{at.isoformat()}","sale_id":"{name}","customer_id":"{customer}",'
        f'"agent_id":"{agent_id}","product":"credit_card","channel":"phone","amount":{price}}}'
    ).encode()


def _cancelled(name: str, at: datetime) -> bytes:
    return (
        f'{{"type":"cancellation","event_id":"cancellation-{name}","sale_id":"{name}",'
        f'"account_id":"account-{name}","occurred_at":"{at.isoformat()}",'
        '"reason":"customer_request","initiated_by":"customer"}'
    ).encode()


def _used(name: str, at: datetime) -> bytes:
    return (
        f'{{"type":"account_activity","event_id":"use-{name}","account_id":"account-{name}",'
        f'"occurred_at":"{at.isoformat()}","kind":"usage","initiated_by":"customer"}}'
    ).encode()
