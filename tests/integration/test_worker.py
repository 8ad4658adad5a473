"""The worker over a broker tells what the pipeline tells, whatever happens to it."""

import signal
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET

from detectors.alerts.alert import Alert
from tests.brokers.selection import AvailableBroker
from tests.integration.busy_month import (
    BUSY,
    CATALOGUE,
    UNTIL,
    Month,
    assert_alerts_are_those_of_the_pipeline,
    assert_every_refused_record_is_a_dead_letter,
    expected_commendations,
    expected_revisions,
    send_decisions,
    send_everything,
    settings,
)
from tests.integration.installation import Installation, WorkerProcess, install

pytestmark = pytest.mark.integration


def bounded(
    installation: Installation, folder: Path, month: Month = BUSY, **more: str
) -> WorkerProcess:
    """Start a worker that ends once it has judged everything."""
    config = str(month.write_settings(folder))
    return installation.worker("--config", config, "--until", UNTIL.isoformat(), **more)


def test_the_month_has_alerts_of_every_kind() -> None:
    alerts = [msgspec.json.decode(value, type=Alert) for value in expected_revisions()]
    assert {alert.pattern for alert in alerts} == {
        "quick_cancellation",
        "quick_cancellation_early",
        "unused_account",
        "burst",
        "pushed_sale",
        "clawback_cliff",
        "shared_payer",
        "volume_shift",
        "amount_shift",
    }
    assert {alert.severity for alert in alerts} == {"info", "warning", "critical"}
    assert {alert.subject.type for alert in alerts} > {"account", "agent"}
    assert any(alert.group_alerts is not UNSET for alert in alerts)
    assert len(expected_commendations()) > 1


def test_people_who_decide_change_what_is_told_later() -> None:
    assert expected_revisions(decided=True) != expected_revisions()


def test_the_month_of_the_whole_catalogue_has_alerts_of_nearly_every_pattern() -> None:
    on = settings(CATALOGUE).patterns
    assert {pattern.name for pattern in on.enabled()} == {*on.__struct_fields__}
    alerts = [msgspec.json.decode(value, type=Alert) for value in expected_revisions(CATALOGUE)]
    silent = {*on.__struct_fields__} - {alert.pattern for alert in alerts}
    # A month is short.
    short = {"bait_and_switch", "one_verifier", "twisting"}
    assert silent == short
    assert any(alert.other_alerts is not UNSET for alert in alerts)


@pytest.mark.parametrize(
    ("any_broker", "partitions", "decided", "month"),
    [
        ("kafka", 1, False, CATALOGUE),
        ("kafka", 4, True, CATALOGUE),
        ("embedded", 4, True, BUSY),
    ],
    indirect=["any_broker"],
)
def test_its_alerts_are_those_of_the_pipeline(
    any_broker: AvailableBroker,
    tmp_path: Path,
    partitions: int,
    decided: bool,  # noqa: FBT001 - a case of the parameters
    month: Month,
) -> None:
    installation = install(any_broker, partitions)
    if decided:
        send_decisions(installation, month)
    send_everything(installation, month=month)
    with bounded(installation, tmp_path, month) as worker:
        assert worker.ending().code == 0, worker.log()
    assert_alerts_are_those_of_the_pipeline(installation, decided=decided, month=month)
    assert_every_refused_record_is_a_dead_letter(installation)


def test_it_may_be_killed_at_any_moment(broker: AvailableBroker, tmp_path: Path) -> None:
    installation = install(broker, 4)
    send_everything(installation)
    with bounded(installation, tmp_path) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_events_total") > 3_000)
        assert worker.end(signal.SIGKILL).code == -signal.SIGKILL
    with bounded(installation, tmp_path) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_evidence_updates_total") > 1_000)
        assert worker.end(signal.SIGKILL).code == -signal.SIGKILL
    with bounded(installation, tmp_path) as worker:
        assert worker.ending().code == 0, worker.log()
    assert_alerts_are_those_of_the_pipeline(installation)
    assert_every_refused_record_is_a_dead_letter(installation)
