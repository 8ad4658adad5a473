"""Event time ahead of the present is said, and only that."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.timing.present import Present
from streams.wire.topics import Topic
from tests.streams.stages.actors.test_ledger_actor import (
    IDLE_AFTER,
    SOLD_AT,
    Fed,
    ledger,
    silence,
    two_sales,
)

TOLERANCE = 7_200.0
"""The allowed lateness, and what may lie after its arrival."""


def complains(actor: LedgerActor, now: float) -> bool:
    actor.tick(silence(IDLE_AFTER), now)
    return bool(actor.complaints())


@given(st.floats(-100 * TOLERANCE, 100 * TOLERANCE))
def test_a_clock_behind_event_time_is_no_present(behind: float) -> None:
    fed = Fed(ledger())
    fed.give(*two_sales())
    assert complains(fed.actor, SOLD_AT - behind) == (behind > TOLERANCE)


def test_what_was_found_stands_while_nobody_knows_the_time_and_ends_with_it() -> None:
    fed = Fed(ledger())
    fed.give(*two_sales())
    assert not complains(fed.actor, -inf)
    assert complains(fed.actor, SOLD_AT - 86_400)
    (told,) = fed.actor.complaints()
    assert told.topic is Topic.SALES
    assert "24.0 h ahead" in told.what
    assert "copy-events" in told.remedy
    assert complains(fed.actor, -inf)
    assert not complains(fed.actor, SOLD_AT)


def test_an_hour_that_is_allowed_is_not_said() -> None:
    # A broken one without tolerance would complain of every clock that is a second behind.
    present, strict = Present(TOLERANCE), Present(0.0)
    for one in (present, strict):
        one.look({Topic.SALES: Seconds(SOLD_AT)}, SOLD_AT - 1)
    assert not present.complaints()
    assert strict.complaints()
