"""`aboveboard replay`: sends events in files to the event topics, in their order and all of them.

**Skew.** The watermark of the worker is the lowest over its source topics, so it matters that no
topic runs ahead of another. Records leave in slices: the next one begins when the broker has
acknowledged all of the one before. At any moment the topics hold whole slices and a part of one
more, so no partition is ahead of another by more than the event time of one slice.

**Speed.** Measured on 2 cores with the embedded broker on them, events of 235 bytes, events/s for
slices of 250, 500, 1,000, 2,000, 4,000: 24,500, 26,600, 27,100, 29,000, 27,600. Two things matter.
The sender sleeps while a slice is filled (linger), as many small requests made it 14,500. And
batches are packed with gzip, since kafka-python computes their checksum in Python: 20,500 without.
"""

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from itertools import islice
from types import TracebackType
from typing import Any, Final, Self

import msgspec
from kafka import KafkaProducer
from kafka.errors import KafkaError, KafkaTimeoutError
from kafka.producer.future import FutureRecordMetadata
from msgspec import Struct

from detectors.errors import InvalidEvent
from detectors.settings import Settings
from streams.broker_access import (
    CONNECT_MILLISECONDS,
    BrokerOfNoUse,
    add_broker_arguments,
    chosen_broker,
    explained,
    require_topics,
)
from streams.dead_letters import from_file, to_headers
from streams.files import STDIN, Block, EventFiles, Origin
from streams.progress import ByteProgress
from streams.topic_catalogue import EVENT_TOPICS, Topic, topic_name

SLICE: Final = 1_000
"""Records that may be under way at once."""

LARGEST_RECORD: Final = 1_000_000
"""Bytes of key and value that a topic takes (Kafka's default is 1 MiB for a batch)."""

_KEPT_OF_TOO_LARGE: Final = 65_536
_BATCH_BYTES: Final = 512 * 1024
_LINGER_MILLISECONDS: Final = 200
_REQUEST_MILLISECONDS: Final = 10_000
_DELIVERY_MILLISECONDS: Final = 30_000
_SHORTEST_WAIT: Final = 0.02
_LINES_OF_A_BLOCK: Final = 2_048


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

    @property
    def records(self) -> int:
        """Number of records sent to any topic."""
        return self.events + self.dead_letters


def replay(
    lines: Iterable[bytes],
    bootstrap: str,
    prefix: str = "",
    *,
    speed: float | None = None,
    slice_size: int = SLICE,
    source: str = STDIN,
) -> ReplayCounts:
    """Send events, one a line, to the topics of their types; see `replay_blocks`.

    ``source`` names the lines in dead letters.
    """
    return replay_blocks(
        _blocks(lines, source), bootstrap, prefix, speed=speed, slice_size=slice_size
    )


def replay_blocks(
    blocks: Iterable[Block],
    bootstrap: str,
    prefix: str = "",
    *,
    speed: float | None = None,
    limit: int | None = None,
    slice_size: int = SLICE,
    watch: Callable[[], None] | None = None,
) -> ReplayCounts:
    """Send events to the topics of their types, keyed by account; return when all are stored.

    Values are the bytes of the lines. The topic follows from the field ``type``; a line without a
    known one is sent to the dead letters as ``unknown_source``, one that is larger than
    `LARGEST_RECORD` as ``too_large``, with its first bytes. Blank lines are skipped. Everything
    else is for the worker to judge: an event without an account gets an empty key.

    Parameters
    ----------
    speed
        Seconds of event time a second; None for as fast as possible.
    limit
        Number of lines to send at most, those for the dead letters too.
    slice_size
        Records that may be under way at once.
    watch
        Called after every slice.

    Raises
    ------
    BrokerOfNoUse
        The broker does not answer, topics are missing, or a record was not stored: then an unknown
        part of the last slice was. Sending the same events again does no harm.
    """
    with _Sender(bootstrap, prefix, speed, slice_size, watch) as sender:
        for line, origin in islice(_lines(blocks), limit):
            sender.send(line, origin)
        sender.flush()
        return sender.counts


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="files of events (.jsonl, .jsonl.gz), merged by time; - for stdin",
    )
    add_broker_arguments(parser)
    parser.add_argument(
        "--speed",
        type=_positive,
        metavar="X",
        help="X seconds of event time a second (default: as fast as possible)",
    )
    parser.add_argument(
        "--limit", type=_not_negative, metavar="N", help="send the first N lines only"
    )


def run(arguments: argparse.Namespace) -> int:
    """Send the files and say what was sent; raises what `EventFiles` and `replay_blocks` raise."""
    bootstrap, prefix = chosen_broker(arguments)
    begun = time.monotonic()
    with (
        EventFiles(arguments.paths, Settings()) as files,
        ByteProgress("Sending events", files.size(), files.position) as progress,
    ):
        counts = replay_blocks(
            files.blocks(),
            bootstrap,
            prefix,
            speed=arguments.speed,
            limit=arguments.limit,
            watch=progress.update,
        )
    seconds = time.monotonic() - begun
    sys.stderr.write(
        f"{counts.events:,} events sent to {bootstrap} in {seconds:.1f} s "
        f"({counts.sales:,} sales, {counts.cancellations:,} cancellations, "
        f"{counts.account_activity:,} account activities), "
        f"{counts.dead_letters:,} dead letters\n"
    )
    return 0


class _Head(Struct, gc=False):
    """What must be known of an event to send it. Only the type is checked here."""

    type: str
    account_id: Any = None
    occurred_at: Any = None


class _Sender:
    """Sends lines in slices; a context manager."""

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        speed: float | None,
        slice_size: int,
        watch: Callable[[], None] | None,
    ) -> None:
        self.counts: Final = ReplayCounts()
        self._bootstrap: Final = bootstrap
        self._topics: Final = {
            event_type: topic_name(prefix, topic) for topic, event_type in EVENT_TOPICS.items()
        }
        self._dead_letters: Final = topic_name(prefix, Topic.DEAD_LETTERS)
        self._pace: Final = None if speed is None else _Pace(speed)
        self._slice_size: Final = slice_size
        self._watch: Final = watch
        self._decode: Final = msgspec.json.Decoder(_Head).decode
        self._under_way: list[FutureRecordMetadata] = []

    def __enter__(self) -> Self:
        require_topics(self._bootstrap, *self._topics.values(), self._dead_letters)
        with explained(self._bootstrap):
            # Idempotent (the default): what is sent again after a fault is stored once, in order.
            self._producer = KafkaProducer(
                bootstrap_servers=self._bootstrap.split(","),
                bootstrap_timeout_ms=CONNECT_MILLISECONDS,
                allow_auto_create_topics=False,
                max_in_flight_requests_per_connection=1,
                compression_type="gzip",
                batch_size=_BATCH_BYTES,
                linger_ms=_LINGER_MILLISECONDS,
                request_timeout_ms=_REQUEST_MILLISECONDS,
                delivery_timeout_ms=_DELIVERY_MILLISECONDS,
                max_block_ms=_DELIVERY_MILLISECONDS,
                metrics_enabled=False,
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, without waiting for what is under way if something went wrong."""
        try:
            self._producer.close(timeout=None if error is None else 0)
        except KafkaTimeoutError:
            if error is None:
                raise

    def send(self, line: bytes, origin: Origin) -> None:
        """Send one line, when its time has come."""
        try:
            head, topic = self._read(line)
        except InvalidEvent as error:
            letter = from_file(error, origin.path, origin.line, line[:_KEPT_OF_TOO_LARGE])
            self._put(self._dead_letters, letter.record, None, to_headers(letter))
            self.counts.dead_letters += 1
            return
        if self._pace is not None:
            self._wait(self._pace.seconds_until(head.occurred_at))
        account = head.account_id
        key = account.encode() if isinstance(account, str) else b""
        self._put(topic, line, key, None)
        match head.type:
            case "sale":
                self.counts.sales += 1
            case "cancellation":
                self.counts.cancellations += 1
            case _:
                self.counts.account_activity += 1

    def flush(self) -> None:
        """Return once everything sent is stored; raise if something was not."""
        with explained(self._bootstrap):
            self._producer.flush()
        for future in self._under_way:
            if future.failed():
                raise BrokerOfNoUse(
                    f"the broker at {self._bootstrap} did not store all records: "
                    f"{type(future.exception).__name__}: {future.exception}. Mend what it says and "
                    "send the same events again: repeated ones are recognised"
                )
        self._under_way.clear()
        if self._watch is not None:
            self._watch()

    def _read(self, line: bytes) -> tuple[_Head, str]:
        if len(line) > LARGEST_RECORD:
            raise InvalidEvent(
                "too_large",
                f"the record has {len(line):,} bytes, more than a topic takes; the first "
                f"{_KEPT_OF_TOO_LARGE:,} are kept here",
            )
        try:
            head = self._decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InvalidEvent("unknown_source", f"the type cannot be told: {error}") from None
        except RecursionError:
            raise InvalidEvent(
                "unknown_source", "the type cannot be told: the JSON is nested too deeply"
            ) from None
        topic = self._topics.get(head.type)
        if topic is None:
            known = ", ".join(self._topics)
            raise InvalidEvent("unknown_source", f"`$.type` is none of {known}")
        return head, topic

    def _put(
        self, topic: str, value: bytes, key: bytes | None, headers: list[tuple[str, bytes]] | None
    ) -> None:
        try:
            self._under_way.append(self._producer.send(topic, value, key=key, headers=headers))
        except KafkaError:
            with explained(self._bootstrap):
                raise
        if len(self._under_way) >= self._slice_size:
            self.flush()

    def _wait(self, seconds: float) -> None:
        if seconds >= _SHORTEST_WAIT:
            self.flush()
            time.sleep(seconds)


class _Pace:
    """Says how long an event is to wait, so that event time passes at a steady speed."""

    def __init__(self, speed: float) -> None:
        self._speed: Final = speed
        self._start: tuple[float, datetime] | None = None

    def seconds_until(self, occurred_at: object) -> float:
        """Give the seconds to wait, not positive if the event is due or has no readable time."""
        try:
            moment = msgspec.convert(occurred_at, datetime)
        except msgspec.ValidationError:
            return 0.0
        if moment.tzinfo is None:
            return 0.0
        if self._start is None:
            self._start = (time.monotonic(), moment)
        wall, first = self._start
        return wall + (moment - first).total_seconds() / self._speed - time.monotonic()


def _blocks(lines: Iterable[bytes], source: str) -> Iterator[Block]:
    rest = iter(lines)
    before = 0
    while block := list(islice(rest, _LINES_OF_A_BLOCK)):
        yield Block(block, partial(_origin, source, before + 1))
        before += len(block)


def _origin(source: str, first: int, index: int) -> Origin:
    return Origin(source, first + index)


def _lines(blocks: Iterable[Block]) -> Iterator[tuple[bytes, Origin]]:
    for block in blocks:
        for index, line in enumerate(block.lines):
            if line and not line.isspace():
                yield line, block.origin(index)


def _positive(text: str) -> float:
    number = float(text)
    if not number > 0:
        raise argparse.ArgumentTypeError(f"{text} is not greater than 0")
    return number


def _not_negative(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return number
