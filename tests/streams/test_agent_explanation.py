"""An explanation of an alert that does not say what the outcomes give disagrees."""

from msgspec import structs

from detectors.alerts import Alert
from detectors.event_time import day_name, moment, start_of_day
from detectors.settings import Settings
from streams.agent_explanation import AgentExplanation
from streams.recomputation import Course, Judged, Rules
from tests.streams.alerts_at_hand import agent_alert

FIRST = 20_000
OUTCOMES = [Judged(FIRST + n // 2, f"s-{n}", 0.05, bad=n % 2 == 0) for n in range(20)]
LAST = OUTCOMES[-1].day


def honest_alert() -> Alert:
    """Give the alert that these outcomes make."""
    rules = Rules(0.25, 73_000.0, 14.0, 365)
    alert = agent_alert()
    return structs.replace(
        alert,
        updated_at=moment(start_of_day(LAST + 1)),
        evidence=structs.replace(
            alert.evidence,
            value=Course(OUTCOMES, [], rules, LAST).days[-1].evidence,
            matured=20,
            observed=10,
            expected=1.0,
            likely_start=day_name(FIRST),
        ),
    )


def agrees(alert: Alert) -> bool:
    return AgentExplanation(Settings(), [alert], OUTCOMES, [], LAST + 5).agrees()


def test_what_the_outcomes_give_agrees() -> None:
    assert agrees(honest_alert())


def test_any_other_figure_disagrees() -> None:
    alert = honest_alert()
    evidence = alert.evidence
    assert evidence.value is not None
    for changes in (
        {"value": evidence.value * (1 + 2e-5)},
        {"value": None},
        {"matured": 21},
        {"observed": 11},
        {"expected": 1.0001},
        {"likely_start": day_name(FIRST + 1)},
    ):
        assert not agrees(structs.replace(alert, evidence=structs.replace(evidence, **changes)))


def test_another_day_disagrees() -> None:
    later = structs.replace(honest_alert(), updated_at=moment(start_of_day(LAST)))
    assert not agrees(later)
