"""The list of endings is closed: what is not on it is told."""

import pytest

from tests.chaos.endings import NEVER, REASONS, Ended, reason_of, unexpected

LOG = "2026-01-01 12:00:00,000 aboveboard.worker: reading 4 partitions\n"


def ended(code: int | None, *causes: str, log: str = LOG) -> Ended:
    return Ended("0.1", code, log, causes)


@pytest.mark.parametrize(
    ("ending", "reason"),
    [
        (ended(-9, "killed"), "killed"),
        (ended(0, "told to stop"), "told to stop"),
        (ended(0, "broker away", "told to stop"), "told to stop"),
        (ended(-15, "told to stop", log=""), "told to stop before it had begun"),
        (
            ended(1, "broker away", log=LOG + "the broker has not answered for 20 s"),
            "the broker was away for too long",
        ),
        (
            ended(1, "broker away", log=f"{LOG}the Kafka broker at a:1 has not answered for 20 s"),
            "the broker was away for too long",
        ),
        (
            ended(1, "woken", log=LOG + "the group has not been heard of for 9 s"),
            "lost its place in the group",
        ),
    ],
)
def test_an_ending_that_may_be_is_named(ending: Ended, reason: str) -> None:
    assert reason_of(ending) == reason
    assert unexpected([ending]) == []


@pytest.mark.parametrize(
    "ending",
    [
        ended(None),
        ended(0),
        ended(1),
        ended(-9),
        ended(-9, "told to stop", "did not end"),
        ended(-11, "killed"),
        ended(1, "told to stop"),
        ended(-15, "told to stop"),
        ended(1, "killed", log=LOG + "the broker has not answered for 20 s"),
        ended(1, "broker away", log=LOG + "division by zero"),
        ended(1, log=LOG + "the group has not been heard of for 9 s"),
    ],
)
def test_every_other_ending_is_told(ending: Ended) -> None:
    assert reason_of(ending) is None
    (sentence,) = unexpected([ending])
    assert "worker 0.1 ended with" in sentence


@pytest.mark.parametrize("mark", NEVER)
def test_what_no_worker_should_write_is_told(mark: str) -> None:
    (sentence,) = unexpected([ended(-9, "killed", log=f"{LOG}{mark} and more\n")])
    assert mark in sentence


def test_a_traceback_is_told_with_what_was_raised() -> None:
    lines = [
        "Traceback (most recent call last):",
        '  File "a.py"',
        "    f()",
        "OSError: no",
        "more",
    ]
    log = "\n".join(lines)
    (sentence,) = unexpected([ended(-9, "killed", log=LOG + log)])
    assert sentence.endswith("OSError: no'")


def test_another_program_may_end_in_those_ways_and_is_named() -> None:
    log = "2026-01-01 12:00:00,000 aboveboard.cases: the broker has not answered for 20 s\n"
    away = Ended("0.1", 1, log + "Traceback of kafka-python\n", ["broker away"], "keeper")
    assert reason_of(away) == "the broker was away for too long"
    assert unexpected([away]) == []
    ours = Ended("0.1", -9, 'File "streams/cli/main.py"', ["killed"], "keeper")
    (sentence,) = unexpected([ours])
    assert "keeper 0.1 wrote" in sentence


def test_no_reason_is_without_a_cause() -> None:
    assert all(reason.causes for reason in REASONS)
