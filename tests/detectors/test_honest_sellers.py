"""A sales force in which one honest agent differs: nobody may be charged for that.

Each world is also judged as it was before, to show that it is one in which somebody would be.
"""

from collections.abc import Callable, Iterator
from random import Random
from typing import Final

import pytest
from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.events.event import AnyEvent, Cancellation, Sale
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from tests.detectors.worlds import activity, at, cancellation, in_order, sale

AGENTS: Final = 20
DAYS: Final = 90
DIFFERENT: Final = "agent 3"

Change = Callable[[Sale, float, str], Iterator[AnyEvent]]


def world(change: Change) -> list[AnyEvent]:
    random = Random(31)  # noqa: S311 # a world, no secret
    events: list[AnyEvent] = []
    for number in range(AGENTS * DAYS * 3):
        agent = f"agent {number % AGENTS}"
        hours = 24.0 * (number // (AGENTS * 3)) + random.uniform(0, 8)
        account = f"a{number}"
        sold = structs.replace(sale(hours, account, f"s{number}", agent), amount=30.0)
        events += [sold, activity(hours + random.uniform(2, 400), account)]
        if random.random() < 0.05:
            events.append(cancellation(hours + random.uniform(2, 200), account, f"s{number}"))
        elif agent == DIFFERENT and random.random() < 0.35:
            events.extend(change(sold, hours + 72, account))
    return in_order(events)


def partial_refund(sold: Sale, hours: float, account: str) -> Iterator[AnyEvent]:
    yield cancellation(hours, account, sold.sale_id, refund=0.9)


def upgrade(sold: Sale, hours: float, account: str) -> Iterator[AnyEvent]:
    yield cancellation(hours, account, sold.sale_id, reason="replaced")
    new = f"new {sold.sale_id}"
    yield sale(hours, account, new, sold.agent_id, "loan", replaces=sold.sale_id)
    yield activity(hours + 24, account)


def charged(events: list[AnyEvent]) -> set[str]:
    """Return the patterns under which the agent who differs is alerted."""
    pipeline = Pipeline(Settings())
    for event in events:
        pipeline.apply(event)
    pipeline.advance(seconds_at(at(24 * (DAYS + 40))))
    return {
        alert.pattern
        for alert in pipeline.alerts()
        if (alert.subject.type, alert.subject.id) == ("agent", DIFFERENT)
        and alert.severity != "info"
    }


def as_before(event: AnyEvent) -> AnyEvent:
    """Return the event as a release read it that knew neither refunds nor replacements."""
    if isinstance(event, Cancellation):
        return structs.replace(event, refund=None, reason="returned")
    return structs.replace(event, replaces_sale_id=None) if isinstance(event, Sale) else event


@pytest.mark.parametrize("change", [partial_refund, upgrade])
def test_an_agent_whose_customers_keep_or_improve_what_they_bought_is_not_charged(
    change: Change,
) -> None:
    events = world(change)
    assert charged(events) == set()
    assert "quick_cancellation" in charged([as_before(one) for one in events])
