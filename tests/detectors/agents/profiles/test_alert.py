"""What an alert about a profile says: which way something changed; and when it is told again."""

from math import log

import pytest

from detectors.agents.profiles.alert import ProfileAlerts
from detectors.agents.profiles.open_alert import OpenProfileAlert
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.profiles.profile import AMOUNT_SHIFT, VOLUME_SHIFT
from detectors.profiles.series_table import Strange
from detectors.settings import Settings


@pytest.mark.parametrize("name", [VOLUME_SHIFT, AMOUNT_SHIFT])
@pytest.mark.parametrize(
    ("ratio", "read", "way"),
    [
        (2.0, "2.00", {"more"}),
        (0.5, "0.50", {"less"}),
        (1.006, "1.01", {"more"}),
        (0.994, "0.99", {"less"}),
        (1.004, "1.00", set()),
        (0.996, "1.00", set()),
    ],
)
def test_the_way_of_a_shift_is_that_of_the_figure_that_is_read(
    name: str, ratio: float, read: str, way: set[str]
) -> None:
    alert = OpenProfileAlert(Day(20_000), Day(20_000), Day(19_990), 10, change=log(ratio))
    writer = ProfileAlerts(PatternName(name), Settings().profiles[PatternName(name)], "hash")
    summary = writer.revision(AgentId("anna"), Day(20_000), alert, "open", None).summary
    assert f"about {read} times" in summary
    assert {word for word in ("more", "less") if f"{word}," in summary} == way
    assert ("may have begun on another day" in summary) == (not way)


def test_a_change_so_large_that_it_has_no_ratio_is_told_all_the_same() -> None:
    alert = OpenProfileAlert(Day(20_000), Day(20_000), Day(19_990), 10, change=1e6)
    writer = ProfileAlerts(VOLUME_SHIFT, Settings().profiles[VOLUME_SHIFT], "hash")
    assert (
        "more, about 1"
        in writer.revision(AgentId("anna"), Day(20_000), alert, "open", None).summary
    )


def told_on(findings: dict[int, Strange], until: int, resolve_after_days: float = 5.0) -> list[int]:
    """Return the days on which an alert opened on day 0 is told."""
    alert = OpenProfileAlert(Day(0), Day(0), Day(0))
    told = []
    for day in range(until):
        if day in findings:
            alert.see(Day(day), findings[day])
        if alert.is_due(Day(day)):
            alert.mark_emitted()
            told.append(day)
        if alert.is_over(Day(day), resolve_after_days):
            return [*told, day]
    return told


def test_one_strange_day_after_the_other_is_told_when_it_is_twice_as_many() -> None:
    assert told_on({day: Strange(0, 0.9) for day in range(20)}, 20) == [0, 1, 3, 7, 15]


def test_another_change_is_told_every_time() -> None:
    findings = {day: Strange(0, 1.0, Day(day - 2), 3, 0.5) for day in (0, 3, 6, 9)}
    assert told_on(findings, 30) == [0, 3, 6, 9, 14]


def test_an_alert_is_never_over_on_the_day_of_a_finding() -> None:
    assert told_on({0: Strange(0, 1.0, Day(-2), 3, 0.5)}, 3, resolve_after_days=0.0) == [0, 1]
