"""One program that writes into all topics, before, while and after a worker runs."""

import signal
from pathlib import Path

import msgspec
import pytest

from detectors.alerts.alert import Alert
from streams.cli.main import main
from streams.stages.seals import INNER_TOPICS
from streams.wire.seal import SealCheck, check_seal, place_of
from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.integration.busy_month import (
    UNTIL,
    event_lines,
    expected_revisions,
    write_settings,
)
from tests.integration.faults.strangers import ANYTHING, Stray, write_everywhere
from tests.integration.installation import Installation, install
from tests.integration.under_load import NO_SILENCE

pytestmark = pytest.mark.integration

PARTITIONS = 2


def told(installation: Installation, strays: set[Stray], topic: Topic) -> set[bytes]:
    return {
        record.value
        for record in installation.records(topic)
        if Stray(topic, record.partition, record.offset) not in strays
    }


def letters(installation: Installation, strays: set[Stray]) -> dict[str, set[Stray]]:
    """Return what the worker's letters are about, by reason."""
    found: dict[str, set[Stray]] = {}
    for record in installation.records(Topic.DEAD_LETTERS):
        if Stray(Topic.DEAD_LETTERS, record.partition, record.offset) not in strays:
            headers = {name: value.decode() for name, value in record.headers}
            place = Stray(
                Topic(headers["source"]), int(headers["partition"]), int(headers["offset"])
            )
            found.setdefault(headers["reason"], set()).add(place)
    return found


def foreign_messages(installation: Installation, strays: set[Stray]) -> set[Stray]:
    """Return the strays between stages; a copy that came back to its own place is none."""
    return {
        Stray(topic, record.partition, record.offset)
        for topic in INNER_TOPICS
        for record in installation.records(topic)
        for place in [place_of(installation.name(topic), record.partition)]
        if check_seal(place, record.key, record.value, record.headers) is not SealCheck.RIGHT
        and Stray(topic, record.partition, record.offset) in strays
    }


def test_records_of_another_program_in_all_topics_stop_nothing(
    broker: AvailableBroker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installation = install(broker, PARTITIONS)
    config = str(write_settings(tmp_path))
    half = len(event_lines()) // 2
    strays = write_everywhere(installation)
    installation.send_events(event_lines()[:half])
    with installation.worker("--config", config, idle_after=NO_SILENCE) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_evidence_updates_total") > 1_000)
        strays |= write_everywhere(installation)
        installation.send_events(event_lines()[half : half + 1_000])
        worker.wait_for(
            lambda it: it.sum_of("aboveboard_events_total", result="applied") > half - 500
        )
        assert worker.sum_of("aboveboard_dead_letters_total", reason="foreign_record") > 0
        assert worker.end(signal.SIGKILL).code == -signal.SIGKILL
    strays |= write_everywhere(installation)
    installation.send_events(event_lines()[half + 1_000 :])
    with installation.worker("--config", config, "--until", UNTIL.isoformat()) as worker:
        worker.wait_for(lambda it: it.sum_of("aboveboard_ignored_state_records_total") > 0)
        ending = worker.ending()
    assert ending.code == 0, ending.log

    assert told(installation, strays, Topic.ALERTS) == expected_revisions()
    found = letters(installation, strays)
    assert found.pop("foreign_record") == foreign_messages(installation, strays)
    refused = {place for places in found.values() for place in places}
    assert refused == {stray for stray in strays if stray.topic in _EVENTS}
    _assert_that_the_commands_go_on(installation, capsys)


_EVENTS = (Topic.SALES, Topic.CANCELLATIONS, Topic.ACCOUNT_ACTIVITY)


def _assert_that_the_commands_go_on(
    installation: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    place = ["--broker", installation.bootstrap, "--topic-prefix", installation.prefix]
    latest: dict[str, int] = {}
    for value in expected_revisions():
        alert = msgspec.json.decode(value, type=Alert)
        latest[alert.alert_id] = max(alert.revision, latest.get(alert.alert_id, 0))
    for words, number in (
        (["--all-revisions"], len(expected_revisions())),
        ([], len(latest)),
    ):
        assert main(["alerts", "list", *place, "--format", "json", *words]) == 0
        captured = capsys.readouterr()
        assert len(captured.out.splitlines()) == number
        assert "records that are no alerts" in captured.err.splitlines()[-1]
    assert main(["dead-letters", "list", *place]) == 0
    assert "foreign_record" in capsys.readouterr().out.splitlines()[-1]
    watched = (*_EVENTS, *INNER_TOPICS, Topic.DEAD_LETTER_RECEIPTS)
    before = {topic: len(installation.records(topic)) for topic in watched}
    assert main(["dead-letters", "replay", "--all", *place]) == 1
    assert "there is nothing to send" in capsys.readouterr().out
    sent = {topic: len(installation.records(topic)) - before[topic] for topic in watched}
    # What was refused in the topics of events goes back there once, and nothing goes elsewhere.
    assert {topic for topic, number in sent.items() if number} == {
        *_EVENTS,
        Topic.DEAD_LETTER_RECEIPTS,
    }
    assert max(sent[topic] for topic in _EVENTS) <= 3 * len(ANYTHING)
