"""The subscribers of examples/subscriber know every open alert, and forget what they must."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
import pytest
from kafka import KafkaProducer

from detectors.alerts.alert import Alert, canonical_order
from streams.stages.actors.alert_records import alert_records
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.contract.write_examples import used_late
from tests.integration.busy_month import expected_revisions
from tests.integration.installation import Installation, install

pytestmark = pytest.mark.integration

KNOWN_KINDS_ONLY: Final = 'alert["evidence"]["kind"] in ("rate", "early_rate", "fact", "shift")'
EXAMPLES: Final = Path(__file__).parent.parent.parent / "examples" / "subscriber"
PARTITIONS: Final = 4


@pytest.fixture(scope="module")
def told() -> list[Alert]:
    """Return the alerts of a month, and one that is withdrawn."""
    month = [msgspec.json.decode(value, type=Alert) for value in expected_revisions()]
    return sorted([*month, *used_late()], key=canonical_order)


OF_A_LATER_RELEASE: Final = {
    "alert_id": "of a later release",
    "revision": 1,
    "status": "open",
    "pattern": "ring",
    "severity": "warning",
    "subject": {"type": "team", "id": "north"},
    "summary": "Team north: a sentence.",
    "evidence": {"kind": "group", "members": 7},
    "colour": "blue",
}
"""An alert with a subject, evidence and a field that nobody knows today, as the contract warns."""


@pytest.fixture(scope="module")
def installation(broker: AvailableBroker) -> Installation:
    return install(broker, PARTITIONS)


@pytest.fixture(scope="module")
def erased(told: list[Alert], installation: Installation) -> str:
    """Write the alerts as a worker does, and a tombstone; return the id it takes away."""
    erased = next(alert.alert_id for alert in told if alert.severity == "critical")
    producer = KafkaProducer(bootstrap_servers=installation.bootstrap)
    for alert in told:
        (record,) = (r for r in alert_records(alert) if r.topic is Topic.ALERTS_CURRENT)
        producer.send(installation.name(record.topic), record.value, record.key, [*record.headers])
    topic, later = installation.name(Topic.ALERTS_CURRENT), OF_A_LATER_RELEASE
    producer.send(topic, None, erased.encode())
    producer.send(topic, msgspec.json.encode(later), str(later["alert_id"]).encode())
    producer.flush()
    producer.close()
    return erased


def open_ones(told: Sequence[Alert], erased: str) -> dict[str, list[str]]:
    latest = {alert.alert_id: alert for alert in told}
    known = {
        name: [name, alert.severity, alert.summary]
        for name, alert in latest.items()
        if alert.status == "open" and name != erased
    }
    later = [str(OF_A_LATER_RELEASE[field]) for field in ("alert_id", "severity", "summary")]
    return known | {later[0]: later}


def printed(command: Sequence[str], folder: Path) -> dict[str, list[str]]:
    answer = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.isascii()
    lines = [msgspec.json.decode(line, type=list[str]) for line in answer.stdout.splitlines()]
    found = {line[0]: line for line in lines}
    assert len(found) == len(lines)
    return found


def test_there_is_something_to_forget(told: list[Alert], erased: str) -> None:
    assert {alert.status for alert in told} == {"open", "resolved", "withdrawn"}
    latest = {alert.alert_id: alert for alert in told}
    assert latest[erased].status == "open"
    ever_open = {alert.alert_id for alert in told if alert.status == "open"}
    assert ever_open - open_ones(told, erased).keys() > {erased}


@pytest.fixture(params=["python", "typescript"])
def subscriber(request: pytest.FixtureRequest) -> tuple[list[str], Path]:
    """Return a command, and the folder in which it is."""
    if request.param == "python":
        return [sys.executable, "open_alerts.py"], EXAMPLES
    folder: Path = request.getfixturevalue("node_subscriber")
    return ["node", "open_alerts.js"], folder


def test_every_open_alert_is_known_and_no_other(
    told: list[Alert],
    erased: str,
    installation: Installation,
    subscriber: tuple[list[str], Path],
) -> None:
    command, folder = subscriber
    words = [installation.bootstrap, installation.name(Topic.ALERTS_CURRENT)]
    expected = open_ones(told, erased)
    assert expected
    assert printed([*command, *words], folder) == expected


def test_an_empty_topic_has_no_alert(
    broker: AvailableBroker, subscriber: tuple[list[str], Path]
) -> None:
    command, folder = subscriber
    empty = install(broker, 1)
    words = [empty.bootstrap, empty.name(Topic.ALERTS_CURRENT)]
    assert printed([*command, *words], folder) == {}


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('alert["status"] == "open"', 'alert["status"] != "resolved"'),
        ('alert["status"] == "open"', 'alert["status"] != "withdrawn"'),
        ('alert["status"] == "open"', f'alert["status"] == "open" and {KNOWN_KINDS_ONLY}'),
        ("for record in records:", "for record in (r for r in records if r.value):"),
        ('auto_offset_reset="earliest"', 'auto_offset_reset="latest"'),
    ],
)
def test_a_subscriber_that_leaves_something_out_is_caught(
    told: list[Alert],
    erased: str,
    installation: Installation,
    tmp_path: Path,
    right: str,
    wrong: str,
) -> None:
    source = (EXAMPLES / "open_alerts.py").read_text(encoding="utf-8")
    assert source.count(right) == 1
    (tmp_path / "broken.py").write_text(source.replace(right, wrong), encoding="utf-8")
    words = [installation.bootstrap, installation.name(Topic.ALERTS_CURRENT)]
    command = [sys.executable, "broken.py", *words]
    assert printed(command, tmp_path) != open_ones(told, erased)
