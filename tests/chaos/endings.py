"""The closed list of ways in which a worker may end, and of what it must never write."""

import re
import signal
from collections.abc import Collection, Iterator
from itertools import takewhile
from typing import Final

from msgspec import Struct

from tests.chaos.life import WORKER
from tests.chaos.supervisor import KILLED, TOLD_TO_STOP

FINISHED: Final = "finished"
"""The cause of the end of a worker that was given all there is."""

WITHOUT_COPY: Final = "going on without it"
"""What a worker writes when it cannot use its local copy of the state, and needs none."""

NEVER: Final = (
    "Traceback",
    "was never retrieved",
    "was destroyed but it is pending",
    "was never awaited",
    "Unclosed",
    "ResourceWarning",
    "Fatal Python error",
)


_NEVER_OF_SERVICES: Final = ("streams/cli/main.py", *NEVER[1:])
"""kafka-python writes tracebacks of its own connections; ours have the command in them."""

_OWN_WORDS: Final = re.compile(
    r"aboveboard\.\w+: (stopped|the broker has not answered)|^aboveboard \w+: "
)


class Ended(Struct, frozen=True):
    """How one worker ended, or another program: its exit code, its log, what was done to it."""

    name: str
    code: int | None
    log: str
    causes: Collection[str]
    program: str = WORKER


class Reason(Struct, frozen=True):
    """An end that may be: its exit code, one of these causes, and words in its last lines."""

    name: str
    code: int
    causes: frozenset[str]
    words: str = ""


REASONS: Final = (
    Reason("killed", -signal.SIGKILL, frozenset({KILLED})),
    Reason("told to stop", 0, frozenset({TOLD_TO_STOP, FINISHED})),
    Reason("told to stop before it had begun", -signal.SIGTERM, frozenset({TOLD_TO_STOP}), r"\A\Z"),
    Reason(
        "the broker was away for too long",
        1,
        frozenset({"broker away"}),
        r"[Tt]he (Kafka )?broker (at \S+ )?has not answered for|"
        r"KafkaTimeoutError|KafkaConnectionError|NodeNotReadyError",
    ),
    Reason(
        "the broker was away at the start",
        2,
        frozenset({"broker away"}),
        r"[Tt]he (Kafka )?broker at |no Kafka broker answers",
    ),
    Reason(
        "the broker went away at the start",
        1,
        frozenset({"broker away"}),
        r"could not be read to its end|Unable to bootstrap|coordinator",
    ),
    Reason(
        "lost its place in the group",
        1,
        frozenset({"woken", "broker away"}),
        r"the group has not been heard of|cannot be committed|the group refused batches",
    ),
    Reason(
        "its state folder was of no use at the start",
        2,
        frozenset({"disk"}),
        r"ABOVEBOARD_STATE_FOLDER",
    ),
)


def reason_of(ended: Ended) -> str | None:
    """Name the reason for an end; None if it is on no list."""
    words = last_words(ended.log)
    for reason in REASONS:
        if (
            ended.code == reason.code
            and not reason.causes.isdisjoint(ended.causes)
            and re.search(reason.words, words)
        ):
            return reason.name
    return None


def last_words(log: str) -> str:
    """Return the line in which a worker says why it ends; its last line if it does not say."""
    lines = log.splitlines()
    own = [line for line in lines if _OWN_WORDS.search(line)]
    return (own or lines or [""])[-1]


def unexpected(endings: Collection[Ended]) -> list[str]:
    """Return which workers ended as none should, or wrote what none should."""
    return [sentence for ended in endings for sentence in _complaints(ended)]


def _complaints(ended: Ended) -> Iterator[str]:
    if reason_of(ended) is None:
        causes = ", ".join(sorted(set(ended.causes))) or "nothing"
        words = last_words(ended.log)
        yield f"{ended.program} {ended.name} ended with {ended.code} after {causes}: {words}"
    for mark in NEVER if ended.program == WORKER else _NEVER_OF_SERVICES:
        if mark in ended.log:
            yield f"{ended.program} {ended.name} wrote {_around(mark, ended.log)!r}"


def _around(mark: str, log: str) -> str:
    """Return the line of a mark and, if a traceback follows, where it was and what was raised."""
    lines = log.splitlines()
    begin = next(number for number, line in enumerate(lines) if mark in line)
    rest = lines[begin + 1 :]
    indented = list(takewhile(lambda line: line.startswith(" "), rest))
    return " | ".join([lines[begin], *indented[-2:], *rest[len(indented) :][:1]])[:600]
