"""An alert is opened once, revised when it matters, quiet before it ends; whatever the evidence."""

from collections.abc import Callable, Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.alerting.lifecycle import (
    AlertDay,
    EndingRules,
    OpenAlert,
    first_strong,
    next_status,
)
from detectors.alerts.alert import Status, Withdrawal
from detectors.basis.event_time import Day, Seconds
from detectors.settings import EvidenceSettings
from tests.detectors.refutation import refuted

THRESHOLD: Final = 100.0
RULES: Final = EndingRules(low=10.0, stay_days=3.0, silent_days=5.0)
STRONG, BELOW, LOW = 150.0, 50.0, 5.0

Advance = Callable[[OpenAlert, AlertDay, EndingRules], Status | None]


def opened() -> OpenAlert:
    return OpenAlert("an id", Seconds(0.0))


def at_end_of(
    day: int,
    evidence: float,
    *,
    observed: int = 4,
    heard: bool = True,
    critical: bool = False,
    explained: bool = False,
    corrected: bool = False,
    withdrawal: Withdrawal | None = None,
) -> AlertDay:
    """Return the end of a day; with `heard`, one on which an outcome was judged."""
    return AlertDay(
        Day(day),
        evidence >= THRESHOLD,
        evidence < RULES.low,
        day + 1 if heard else 0,
        observed,
        critical=critical,
        explained=explained,
        corrected=corrected,
        withdrawal=withdrawal,
    )


def emitted(alert: OpenAlert, today: AlertDay) -> str:
    status = next_status(alert, today, RULES)
    if status is None:
        return "nothing"
    state = alert.ending or ("quiet" if alert.quiet_since is not None else "strong")
    return f"{status} {alert.revision} {alert.emitted_severity} {state}"


def test_an_alert_is_opened_once_and_revised_when_the_bad_outcomes_have_doubled() -> None:
    alert = opened()
    said = [
        emitted(alert, at_end_of(day, STRONG, observed=observed))
        for day, observed in enumerate([4, 5, 7, 8, 15, 16])
    ]
    nothing = "nothing"
    assert said == [
        "open 1 warning strong",
        nothing,
        nothing,
        "open 2 warning strong",
        nothing,
        "open 3 warning strong",
    ]


def test_an_alert_that_becomes_critical_is_revised_and_stays_so() -> None:
    alert = opened()
    assert emitted(alert, at_end_of(0, STRONG)) == "open 1 warning strong"
    assert emitted(alert, at_end_of(1, STRONG, critical=True)) == "open 2 critical strong"
    assert emitted(alert, at_end_of(2, STRONG, critical=True)) == "nothing"
    assert emitted(alert, at_end_of(3, STRONG, observed=8)) == "open 3 critical strong"


def test_a_lucky_fortnight_is_told_once_as_quiet_and_once_when_it_is_over() -> None:
    alert = opened()
    said = [
        emitted(alert, at_end_of(day, evidence, observed=4 + day))
        for day, evidence in enumerate([STRONG, BELOW, BELOW, BELOW, BELOW, BELOW, STRONG, BELOW])
    ]
    assert [one for one in said if one != "nothing"] == [
        "open 1 warning strong",
        "open 2 warning quiet",
        "open 3 warning strong",
    ]
    assert said[4].startswith("open 2")
    assert alert.ending is None


def test_an_alert_ends_when_the_evidence_has_stayed_low() -> None:
    alert = opened()
    evidence = [STRONG, LOW, LOW, BELOW, LOW, LOW, LOW, LOW]
    said = [emitted(alert, at_end_of(day, value)) for day, value in enumerate(evidence)]
    assert said[4] == "open 2 warning quiet"
    assert said[7] == "resolved 3 warning evidence_fell"


def test_an_alert_about_somebody_silent_ends_however_strong_it_is() -> None:
    alert = opened()
    said = [emitted(alert, at_end_of(day, STRONG, heard=day < 2)) for day in range(8)]
    assert said[:7] == ["open 1 warning strong", *["nothing"] * 6]
    assert said[7] == "resolved 2 warning silent"
    assert alert.heard_on == 2, "the day on which the count of days was found to have changed"


def test_an_explanation_ends_it_at_once() -> None:
    alert = opened()
    next_status(alert, at_end_of(0, STRONG), RULES)
    assert emitted(alert, at_end_of(1, LOW, explained=True)) == "resolved 2 warning explained"


def test_corrected_figures_are_told() -> None:
    alert = opened()
    assert emitted(alert, at_end_of(0, STRONG, observed=12)) == "open 1 warning strong"
    assert emitted(alert, at_end_of(1, STRONG, observed=9, corrected=True)).startswith("open 2")
    assert emitted(alert, at_end_of(2, STRONG, observed=9)) == "nothing"
    assert alert.emitted_observed == 9


def test_what_should_never_have_been_told_is_withdrawn_whatever_else_is_due() -> None:
    for explained in (False, True):
        alert = opened()
        next_status(alert, at_end_of(0, STRONG), RULES)
        today = at_end_of(1, LOW, explained=explained, withdrawal="corrected")
        assert next_status(alert, today, RULES) == "withdrawn"
        assert (alert.withdrawal, alert.ending, alert.quiet_since) == ("corrected", None, None)
        assert alert.is_over


def test_it_stands_from_the_first_strong_day_since_it_was_opened() -> None:
    levels = [(Day(day), level) for day, level in enumerate([9.0, 1.0, 1.0, 5.0, 9.0])]
    assert first_strong(levels, Day(1), 5.0) == 3
    assert first_strong(levels, Day(0), 5.0) == 0
    assert first_strong(levels, Day(1), 10.0) is None


def test_an_alert_without_a_bad_outcome_is_not_revised_again_and_again() -> None:
    alert = opened()
    assert emitted(alert, at_end_of(0, STRONG, observed=0)) == "open 1 warning strong"
    assert emitted(alert, at_end_of(1, STRONG, observed=0)) == "nothing"
    assert emitted(alert, at_end_of(2, STRONG, observed=1)) == "open 2 warning strong"


def test_the_rules_follow_the_settings() -> None:
    assert EndingRules.of(EvidenceSettings(), 50_000.0) == EndingRules(500.0, 14.0, 90.0)


@st.composite
def courses(draw: st.DrawFn) -> list[AlertDay]:
    """Draw the days of an alert, from its opening on."""
    levels = st.sampled_from([STRONG, BELOW, LOW, LOW])
    drawn = draw(st.lists(st.tuples(levels, st.booleans()), min_size=1, max_size=30))
    agent_days, days = 1, []
    for day, (evidence, heard) in enumerate([(STRONG, True), *drawn]):
        agent_days += heard
        today = at_end_of(day, evidence)
        days.append(structs.replace(today, agent_days=agent_days))
    return days


def law(advance: Advance, days: Sequence[AlertDay]) -> None:
    """Require an end after enough low or silent days, and quiet in between."""
    alert = opened()
    for number, today in enumerate(days):
        status = advance(alert, today, RULES)
        until = days[: number + 1]
        stretch = until[-int(RULES.stay_days) - 1 :]
        lasted = len(stretch) > RULES.stay_days
        fell = lasted and all(one.low for one in stretch)
        quiet = lasted and not any(one.strong for one in stretch)
        heard = max(
            place
            for place, one in enumerate(until)
            if place == 0 or one.agent_days != until[place - 1].agent_days
        )
        silent = number - heard >= RULES.silent_days
        assert (status == "resolved") == (fell or silent)
        assert (alert.ending == "evidence_fell") == fell
        if status == "resolved":
            return
        assert (alert.quiet_since is not None) == quiet


@given(courses())
def test_an_alert_ends_when_it_should_and_not_before(days: list[AlertDay]) -> None:
    law(next_status, days)


def ends_below_the_threshold(
    alert: OpenAlert, today: AlertDay, rules: EndingRules
) -> Status | None:
    return next_status(alert, structs.replace(today, low=not today.strong), rules)


def never_silent(alert: OpenAlert, today: AlertDay, rules: EndingRules) -> Status | None:
    return next_status(alert, structs.replace(today, agent_days=today.day), rules)


def forgets_a_strong_day(alert: OpenAlert, today: AlertDay, rules: EndingRules) -> Status | None:
    """Count every low day, in a row or not."""
    low_since = alert.low_since
    status = next_status(alert, today, rules)
    alert.low_since = alert.low_since if low_since is None else low_since
    return status


def quiet_at_once(alert: OpenAlert, today: AlertDay, rules: EndingRules) -> Status | None:
    status = next_status(alert, today, rules)
    alert.quiet = not today.strong
    return status


@pytest.mark.parametrize(
    "broken", [ends_below_the_threshold, never_silent, forgets_a_strong_day, quiet_at_once]
)
def test_the_law_catches(broken: Advance) -> None:
    def check(advance: Advance, data: st.DataObject) -> None:
        law(advance, data.draw(courses()))

    assert refuted(check, broken)


@given(courses())
def test_becoming_quiet_and_strong_again_is_told_rarely(days: list[AlertDay]) -> None:
    """At most twice in as many days as an alert must stay down."""
    alert, told = opened(), []
    for today in days:
        if next_status(alert, today, RULES) is not None:
            told.append(today.day)
        if alert.ending is not None:
            break
    assert len(told) <= 2 + 2 * (len(days) - 1) / (RULES.stay_days + 1)
