"""Sends events to the topics of their types, in their order and all of them.

**Skew.** The watermark of the worker is the lowest over its source topics, so it matters that no
topic runs ahead of another. Records leave in slices: the next one begins when the broker has
acknowledged all of the one before. At any moment the topics hold whole slices and a part of one
more, so no partition is ahead of another by more than the event time of one slice.

**Speed.** On 2 cores shared with the broker, events of 235 bytes, events/s for slices of 250, 1,000
and 4,000: 22,000, 24,000, 23,000 with the embedded broker, 14,000, 18,000, 17,500 with Kafka. Two
things make it so. The sender sleeps while a slice is filled (linger): many small requests cost a
third of the speed. And batches are packed with gzip, since kafka-python computes their checksum in
Python, byte by byte: bare, it costs another quarter.
"""

import time
from collections.abc import Callable, Iterable
from typing import Final

from msgspec import Struct

from detectors.basis.errors import InvalidEvent
from streams.broker.access import require_topics
from streams.broker.producer import PATIENCE_SECONDS, SlicedSender, idempotent_producer
from streams.broker.security import OPEN, BrokerSecurity
from streams.files.events import STDIN, Origin
from streams.files.pace import EventPace
from streams.wire.dead_letter import DeadLetter, from_file
from streams.wire.routing import EventRouter
from streams.wire.sealed_letter import seal_letter
from streams.wire.topics import EVENT_TOPICS, Topic, topic_name

SLICE: Final = 1_000
"""Records that may be under way at once."""

_BATCH_BYTES: Final = 512 * 1024
_LINGER_MILLISECONDS: Final = 200
_SHORTEST_WAIT: Final = 0.02
_REMEDY: Final = "Fix what it says and send the same events again: repeated ones are recognised"


class ReplayCounts(Struct):
    """What was sent, and acknowledged once `replay` has returned."""

    sales: int = 0
    cancellations: int = 0
    account_activity: int = 0
    dead_letters: int = 0

    @property
    def events(self) -> int:
        """Number of records sent to the event topics."""
        return self.sales + self.cancellations + self.account_activity


def replay(
    lines: Iterable[bytes],
    bootstrap: str,
    prefix: str = "",
    *,
    speed: float | None = None,
) -> ReplayCounts:
    """Send events, one a line, to the topics of their types; see `replay_located`."""
    located = ((line, Origin(STDIN, number)) for number, line in enumerate(lines, start=1))
    return replay_located(located, bootstrap, prefix, speed=speed)


def replay_located(  # noqa: PLR0913 - how to send, and who is told what
    lines: Iterable[tuple[bytes, Origin]],
    bootstrap: str,
    prefix: str = "",
    *,
    speed: float | None = None,
    slice_size: int = SLICE,
    patience: float = PATIENCE_SECONDS,
    watch: Callable[[], None] | None = None,
    refused: Callable[[DeadLetter], None] | None = None,
    security: BrokerSecurity = OPEN,
) -> ReplayCounts:
    """Send events to the topics of their types, keyed by account; return when all are stored.

    Values are the bytes of the lines. A line that has no route (`EventRouter`) is sent to the dead
    letters, of one that is too large for a topic the first 65,536 bytes. Blank lines are skipped.
    Everything else is for the worker to judge.

    Parameters
    ----------
    lines
        Lines without their line breaks, and where each stands.
    speed
        Seconds of event time a second (`EventPace`); None for as fast as possible.
    slice_size
        Records that may be under way at once.
    patience
        Seconds for which a record may wait to be stored, over all attempts; more than 1.
    watch
        Called after every slice.
    refused
        Called with every dead letter.
    security
        TLS and user for the broker.

    Raises
    ------
    BrokerError
        The broker does not answer, topics are missing, or a record was not stored: then an unknown
        part of the last slice was. Sending the same events again does no harm.
    """
    require_topics(bootstrap, *_names(prefix).values(), security=security)
    with idempotent_producer(
        bootstrap,
        security,
        linger_milliseconds=_LINGER_MILLISECONDS,
        batch_bytes=_BATCH_BYTES,
        patience=patience,
    ) as producer:
        slices = SlicedSender(producer, bootstrap, slice_size, _REMEDY, watch)
        sender = EventSender(slices, prefix, speed)
        for line, origin in lines:
            if line and not line.isspace():
                letter = sender.send(line, origin)
                if letter is not None and refused is not None:
                    refused(letter)
        sender.flush()
        return sender.counts


class EventSender:
    """Sends lines, each when its time has come."""

    def __init__(self, slices: SlicedSender, prefix: str, speed: float | None) -> None:
        self.counts: Final = ReplayCounts()
        self._slices: Final = slices
        self._prefix: Final = prefix
        self._topics: Final = _names(prefix)
        self._pace: Final = None if speed is None else EventPace(speed)
        self._router: Final = EventRouter()

    def send(self, line: bytes, origin: Origin) -> DeadLetter | None:
        """Send one line, when its time has come; return the dead letter that was sent instead."""
        try:
            route = self._router.route(line)
        except InvalidEvent as error:
            letter = from_file(error, origin.path, origin.line, line)
            value, headers = seal_letter(self._prefix, letter, None)
            self._slices.put(self._topics[Topic.DEAD_LETTERS], value, None, headers)
            self.counts.dead_letters += 1
            return letter
        if self._pace is not None:
            self._wait(self._pace.seconds_until(route.occurred_at))
        put = self._slices.put_everywhere if route.everywhere else self._slices.put
        put(self._topics[route.topic], line, route.key)
        match route.topic:
            case Topic.SALES:
                self.counts.sales += 1
            case Topic.CANCELLATIONS:
                self.counts.cancellations += 1
            case _:
                self.counts.account_activity += 1
        return None

    def flush(self) -> None:
        """Return once everything sent is stored; raise if something was not."""
        self._slices.flush()

    def _wait(self, seconds: float) -> None:
        if seconds >= _SHORTEST_WAIT:
            self.flush()
            time.sleep(seconds)


def _names(prefix: str) -> dict[Topic, str]:
    return {topic: topic_name(prefix, topic) for topic in (*EVENT_TOPICS, Topic.DEAD_LETTERS)}
