from detectors.agents.alerting.lifecycle import OpenAlert, next_status
from detectors.basis.event_time import Day, Seconds


def emitted(
    alert: OpenAlert, day: int, *, strong: bool, observed: int, critical: bool = False
) -> str:
    status = next_status(
        alert,
        day=Day(day),
        strong=strong,
        critical=critical,
        observed=observed,
        resolve_after_days=3.0,
    )
    return "nothing" if status is None else f"{status} {alert.revision} {alert.emitted_severity}"


def test_an_alert_is_opened_once_and_revised_when_the_bad_outcomes_have_doubled() -> None:
    alert = OpenAlert("an id", Seconds(0.0))
    assert emitted(alert, 0, strong=True, observed=4) == "open 1 warning"
    assert emitted(alert, 1, strong=True, observed=5) == "nothing"
    assert emitted(alert, 2, strong=True, observed=7) == "nothing"
    assert emitted(alert, 3, strong=True, observed=8) == "open 2 warning"
    assert emitted(alert, 4, strong=True, observed=15) == "nothing"
    assert emitted(alert, 5, strong=True, observed=16) == "open 3 warning"


def test_an_alert_that_becomes_critical_is_revised_and_stays_so() -> None:
    alert = OpenAlert("an id", Seconds(0.0))
    assert emitted(alert, 0, strong=True, observed=4) == "open 1 warning"
    assert emitted(alert, 1, strong=True, observed=4, critical=True) == "open 2 critical"
    assert emitted(alert, 2, strong=True, observed=4, critical=True) == "nothing"
    assert emitted(alert, 3, strong=True, observed=8) == "open 3 critical"


def test_an_alert_is_resolved_when_the_evidence_has_stayed_down() -> None:
    alert = OpenAlert("an id", Seconds(0.0))
    assert emitted(alert, 0, strong=True, observed=4) == "open 1 warning"
    assert emitted(alert, 1, strong=False, observed=4) == "nothing"
    assert emitted(alert, 2, strong=False, observed=9) == "nothing"
    assert emitted(alert, 3, strong=True, observed=4) == "nothing"
    assert emitted(alert, 4, strong=False, observed=4) == "nothing"
    assert emitted(alert, 6, strong=False, observed=4) == "nothing"
    assert emitted(alert, 7, strong=False, observed=4) == "resolved 2 warning"


def test_an_alert_without_a_bad_outcome_is_not_revised_again_and_again() -> None:
    alert = OpenAlert("an id", Seconds(0.0))
    assert emitted(alert, 0, strong=True, observed=0) == "open 1 warning"
    assert emitted(alert, 1, strong=True, observed=0) == "nothing"
    assert emitted(alert, 2, strong=True, observed=1) == "open 2 warning"
