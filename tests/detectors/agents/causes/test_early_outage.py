"""An outage cancels open sales of a region on one day: the early tier accuses none of its agents."""

from collections.abc import Iterator
from datetime import timedelta
from random import Random
from typing import Final

from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import AnyEvent, Cancellation, Sale
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.worlds import START, in_order

AGENTS, DAYS, OUTAGE = 16, 36, 30


def events() -> Iterator[AnyEvent]:
    random, number = Random(5), 0
    for day in range(DAYS):
        for agent in range(AGENTS):
            for _ in range(6):
                number += 1
                sold = START + timedelta(days=day, seconds=random.randrange(30_000))
                site = "north" if agent % 4 == 0 else "south"
                yield Sale(
                    event_id=f"sold {number}",
                    account_id=AccountId(f"account {number}"),
                    occurred_at=sold,
                    sale_id=SaleId(f"sale {number}"),
                    customer_id=f"customer {number}",
                    agent_id=AgentId(f"agent {agent}"),
                    product="plan",
                    amount=1.0,
                    site=site,
                )
                struck = site == "north" and OUTAGE - 9 <= day < OUTAGE and random.random() < 0.5
                if struck or random.random() < 0.05:
                    days = OUTAGE - day if struck else random.uniform(0.1, 9.0)
                    yield Cancellation(
                        event_id=f"cancelled {number}",
                        account_id=AccountId(f"account {number}"),
                        occurred_at=sold + timedelta(days=days),
                        sale_id=SaleId(f"sale {number}"),
                        reason="customer_request",
                        initiated_by="customer",
                    )


WORLD: Final = in_order(list(events()))


def test_nobody_is_warned_of_and_it_is_said_how_many_were_held_back() -> None:
    pipeline = Pipeline(Settings())
    for event in WORLD:
        pipeline.apply(event)
    pipeline.advance(seconds_at(START + timedelta(days=DAYS - 3)))
    assert {alert.subject.id for alert in pipeline.alerts() if alert.agent_id is not None} == set()
    assert pipeline.held_back() == {"quick_cancellation_early": 4}
