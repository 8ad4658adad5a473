"""`aboveboard cases` on a real broker: killed, doubled, lied to, and still as `detect` has it."""

import signal

import msgspec
import pytest

from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.integration.cases.desk_work import (
    alerts,
    current,
    decisions,
    expected,
    in_pieces,
    send_alerts,
    send_decisions,
)
from tests.integration.installation import Installation, WorkerProcess, install

pytestmark = pytest.mark.integration

IN_THE_FUTURE = {"occurred_at": "2199-01-01T00:00:00Z"}


def written(keeper: WorkerProcess) -> float:
    return keeper.sum_of("aboveboard_case_records_total")


def is_ready(keeper: WorkerProcess) -> bool:
    return keeper.sum_of("aboveboard_case_ready") == 1


def once(installation: Installation) -> None:
    """Let a keeper bring everything to its end."""
    with installation.service("cases", "--once") as keeper:
        ending = keeper.ending()
    assert ending.code == 0, ending.log


@pytest.fixture
def installation(broker: AvailableBroker) -> Installation:
    return install(broker, 3)


def test_the_cases_are_those_of_detect_whoever_is_killed(installation: Installation) -> None:
    """Two keepers beside each other, one after the other killed while people decide."""
    told = alerts()
    decided = decisions(told)
    send_alerts(installation, told)
    with installation.service("cases") as first, installation.service("cases") as second:
        first.wait_for(is_ready)
        for number, piece in enumerate(in_pieces(decided, 70)):
            before = written(first)
            send_decisions(installation, piece)
            if number == 0:
                first.wait_for(lambda it, before=before: written(it) > before)  # type: ignore[misc] # mypy knows no types of defaults
                assert second.end(signal.SIGKILL).code == -signal.SIGKILL
        assert first.end(signal.SIGKILL).code == -signal.SIGKILL
    once(installation)
    assert current(installation) == expected(told, decided)
    number = len(installation.records(Topic.CASES_CURRENT))
    once(installation)
    assert len(installation.records(Topic.CASES_CURRENT)) == number  # nothing was left to say


def test_what_was_written_over_is_written_again(installation: Installation) -> None:
    told = alerts()[:20]
    send_alerts(installation, told)
    topic = installation.name(Topic.CASES_CURRENT)
    with installation.service("cases") as keeper:
        keeper.wait_for(is_ready)
        right = current(installation)
        (key, value), (other, _), (third, _) = list(right.items())[:3]
        old = msgspec.json.encode(msgspec.json.decode(value) | {"version": 0})
        before = written(keeper)
        with installation.producer() as producer:
            for over, record in ((key, old), (other, b"{}"), (third, None), (b"stray", b"x")):
                producer.send(topic, record, key=over)
        keeper.wait_for(lambda it: written(it) >= before + 3)
        assert keeper.end(signal.SIGTERM).code == 0
    assert {key: now for key, now in current(installation).items() if key != b"stray"} == right


def test_a_decision_that_cannot_be_read_is_set_aside_once(
    installation: Installation,
) -> None:
    told = alerts()[:5]
    decided = decisions(told)[:4]
    future = msgspec.to_builtins(decided[0]) | IN_THE_FUTURE | {"decision_id": "future"}
    send_alerts(installation, told)
    installation.send(Topic.ALERTS, [b"no alert"])
    installation.send(Topic.DECISIONS, [b"x", None, msgspec.json.encode(future)])
    send_decisions(installation, decided)
    for _ in range(2):
        once(installation)
    letters = installation.records(Topic.DEAD_LETTERS)
    headers = [{name: text.decode() for name, text in letter.headers} for letter in letters]
    assert sorted((told["source"], told["offset"], told["reason"]) for told in headers) == [
        ("decisions", "0", "not_json"),
        ("decisions", "1", "not_json"),
        ("decisions", "2", "impossible_time"),
    ]
    assert current(installation) == expected(told, decided)
