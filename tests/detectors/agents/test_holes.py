"""Alerts about agents name the holes in the time on which they rest."""

from collections.abc import Callable
from typing import Final

from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from detectors.agents.stage import Agents
from detectors.alerts.alert import evidence_of
from detectors.alerts.evidence import RateEvidence
from detectors.basis.event_time import DAY, Seconds
from detectors.messages.holes import Hole, joined
from detectors.messages.outcomes import OutcomeBundle
from tests.detectors.agents.test_stage import QUICK, Stages, honest, of_a_day
from tests.detectors.refutation import refuted

FIRST_BAD: Final = 30
WINDOW: Final = 10  # days, of quick_cancellation

Join = Callable[[list[Hole], list[Hole]], list[Hole]]


def hole(since: float, until: float | None, unknown_until: float = 0.0) -> Hole:
    """Return a hole between two times, in days."""
    end = None if until is None else Seconds(until * DAY)
    return Hole("sales", 0, 10, 49, Seconds(since * DAY), end, Seconds(unknown_until * DAY))


def named(*holes: Hole, told_on: int = 0) -> set[object]:
    """Return what the first alert lacks, if the holes are told at the beginning of a day."""
    stages = Stages(QUICK)
    for day in range(FIRST_BAD + 4):
        if day == told_on:
            stages.agents.receive(OutcomeBundle(0, Seconds(day * DAY), holes=holes))
        bad = 6 if day >= FIRST_BAD else 0
        stages.receive(day + 1, [*honest(day), *of_a_day(day, "anna", bad, 12 - bad)])
        if stages.alerts:
            break
    [alert] = stages.alerts
    assert evidence_of(alert, RateEvidence).likely_start == "1970-01-31"  # day 30
    assert alert.updated_at.isoformat() == "1970-02-02T00:00:00+00:00"
    return {alert.data_quality}


def sentence(since: str, until: str) -> set[object]:
    return {
        (
            (
                f"sales partition 0 lacks 40 records (offsets 10 to 49) of {since} to {until}: "
                "deleted before they were read"
            ),
        )
    }


def test_a_hole_within_the_stretch_is_named() -> None:
    expected = sentence("1970-01-31T06:00:00Z", "1970-01-31T12:00:00Z")
    assert named(hole(FIRST_BAD + 0.25, FIRST_BAD + 0.5)) == expected


def test_a_hole_in_the_windows_of_the_first_outcomes_is_named() -> None:
    reaching = named(hole(0, FIRST_BAD - WINDOW + 0.25))
    assert reaching == sentence("1970-01-01T00:00:00Z", "1970-01-21T06:00:00Z")


def test_holes_before_and_after_are_not_named() -> None:
    after, before = FIRST_BAD + 2, FIRST_BAD - WINDOW - QUICK.time.forgiven / DAY
    assert named(hole(0, before + 0.01)) != {UNSET}
    assert named(hole(0, before), hole(after, None), hole(after, after + 1)) == {UNSET}


def test_what_becomes_known_after_an_alert_changes_nothing_in_it() -> None:
    start = FIRST_BAD + 0.5
    expected = sentence("1970-01-31T12:00:00Z", "1970-02-02T00:00:00Z")
    assert named(hole(start, None)) == named(hole(start, FIRST_BAD + 9)) == expected
    assert named(hole(start, None), told_on=FIRST_BAD + 1) == expected


def test_an_alert_that_was_due_before_the_ledger_came_to_the_hole_does_not_name_it() -> None:
    start, due = FIRST_BAD + 0.5, FIRST_BAD + 2
    assert named(hole(start, None, unknown_until=due)) == {UNSET}
    assert named(hole(start, None, unknown_until=due - 0.1)) != {UNSET}


def test_a_hole_without_a_beginning_reaches_back_to_it() -> None:
    endless = replace(hole(0, FIRST_BAD), since=None)
    assert named(endless) == sentence("the beginning", "1970-01-31T00:00:00Z")


def test_holes_outlive_a_restart_and_are_not_told_twice() -> None:
    known = hole(1, 2)
    agents = Agents(QUICK)
    agents.receive(OutcomeBundle(0, Seconds(DAY), holes=(hole(1, None),)))
    agents.receive(OutcomeBundle(0, Seconds(DAY), holes=(known,)))
    before = agents.snapshot()
    agents.receive(OutcomeBundle(0, Seconds(DAY), holes=(hole(1, None),)))
    assert agents.snapshot() == before
    restored = Agents(QUICK)
    restored.restore(before)
    assert restored.snapshot() == before


def the_order_changes_nothing(join: Join, data: st.DataObject) -> None:
    """Join what was told in any order, and some of it again."""
    ends = [hole(1, None), hole(1, 2), replace(hole(3, 4), first=60, last=61)]
    known: list[Hole] = []
    for told in (*data.draw(st.permutations(ends)), *data.draw(st.lists(st.sampled_from(ends)))):
        known = join(known, [told])
    assert known == ends[1:]


def latest(known: list[Hole], told: list[Hole]) -> list[Hole]:
    """Let the latest word count, which after a restart may be an old one."""
    places = {one.first: one for one in (*known, *told)}
    return [places[first] for first in sorted(places)]


@given(st.data())
def test_the_order_changes_nothing(data: st.DataObject) -> None:
    the_order_changes_nothing(joined, data)


def test_the_law_bites() -> None:
    assert refuted(the_order_changes_nothing, latest)
