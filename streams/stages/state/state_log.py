"""The state of one partition of a stage, in a changelog topic.

It is a log of *segments*, each with what changed since the one before, and a *head* which says
which segments make the state, which records it holds, and carries the rest. The head is written
after its segments: a process that dies in between leaves the state of the head before. Segments
that are not needed any more are removed only once the offsets have been committed.

A worker that was frozen, and whose partition another one owns by now, may wake and write. It does
no harm: what it writes has names of its own (`streams.stages.state.names`), its head loses against
that of the later epoch, and its commit is refused, so that it removes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final, NamedTuple
from uuid import uuid4

import msgspec
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.saved_state import read_state
from streams.stages.actors.actor import Capture
from streams.stages.state.journal import Journal, Reading
from streams.stages.state.local_copy import LocalCopy
from streams.stages.state.names import BEFORE_ALL, Epoch, PartName, epoch_of_head, head_key
from streams.stages.state.parts import cut, parts_of
from streams.wire.topics import Topic

PART: Final = 800_000
"""Bytes of a segment in one message: what a broker accepts by default, with room to spare."""

PARTS_AT_ONCE: Final = 8
"""Messages of a segment that are made before the broker has those before them."""


class Run(Struct, frozen=True, array_like=True):
    """Segments with consecutive numbers that one epoch wrote."""

    era: int
    generation: int
    first: int
    last: int


class Head(Struct, frozen=True, tag="state-2"):
    """What makes the state: segments, the next offset of each input topic, and the rest.

    ``origin`` is chosen by whoever writes the first head of a changelog: it distinguishes a
    changelog from one that was deleted and created again. ``next_number`` is that of the segment
    written next: numbers are never used twice.
    """

    origin: str
    next_number: int
    runs: tuple[Run, ...]
    positions: dict[str, int]
    rest: bytes


class StoredState(NamedTuple):
    """A state that was found."""

    rest: bytes
    segments: list[bytes]
    positions: dict[str, int]


class StateLog:
    """Writes and reads the state of one partition.

    Order of calls: `open`; then, as often as wanted, `write`, and `remove_dead` once the offsets
    have been committed.
    """

    def __init__(self, journal: Journal, topic: Topic, partition: int, copy: LocalCopy) -> None:
        self._journal: Final = journal
        self._topic: Final = topic
        self._partition: Final = partition
        self._copy: Final = copy
        self._epoch = BEFORE_ALL
        self._origin = ""
        self._next_number = 0
        self._runs: list[Run] = []
        self._parts: dict[int, int] = {}
        self._dead: dict[bytes, None] = {}
        self._end = 0

    @property
    def next_number(self) -> int:
        """The number of the segment written next."""
        return self._next_number

    async def open(self, generation: int) -> StoredState | None:
        """Read the state, to carry it on under this assignment; None if none was ever written.

        Raises
        ------
        IncompatibleSnapshot
            If the head is of another version, or a segment it names is missing.
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        entries = await self._entries()
        epochs = [epoch for key in entries if (epoch := epoch_of_head(key)) is not None]
        if not epochs:
            _require_known(entries)
            self._epoch = BEFORE_ALL.followed_by(generation)
            self._origin = uuid4().hex
            self._dead = dict.fromkeys(entries)
            return None
        latest = max(epochs)
        head = _head(entries[head_key(latest)])
        self._origin, self._next_number, self._runs = (
            head.origin,
            head.next_number,
            list(head.runs),
        )
        segments, keys = [], {head_key(latest)}
        for epoch, number in _numbers(head.runs):
            parts = list(parts_of(entries, epoch, number))
            self._parts[number] = len(parts)
            segments.append(b"".join(parts))
            keys.update(PartName(epoch, number, part).key() for part in range(len(parts)))
        self._epoch = latest.followed_by(generation)
        self._dead = {key: None for key in entries if key not in keys}
        # The head that was found has the name of another epoch: it is dead once ours is written.
        self._dead[head_key(latest)] = None
        return StoredState(head.rest, segments, head.positions)

    async def reopen(self, generation: int) -> bool:
        """Continue under another assignment; false if another worker has written in between.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker does not answer.
        """
        reading = await self._catch_up()
        # Removals alone change no state; a worker that took over would have written a head.
        if not reading.complete or any(value is not None for value in reading.entries.values()):
            return False
        self._dead[head_key(self._epoch)] = None
        self._epoch = self._epoch.followed_by(generation)
        return True

    async def write(self, capture: Capture, positions: dict[str, int]) -> None:
        """Write what `capture` holds; return once the broker has it.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker did not take it; the state before it still counts.
        """
        await self._write_segment(capture.segment)
        self._drop_before(capture.needed_from)
        head = Head(self._origin, self._next_number, tuple(self._runs), positions, capture.rest)
        key = head_key(self._epoch)
        await self._write({key: msgspec.msgpack.encode(head)})
        self._dead.pop(key, None)

    async def remove_dead(self) -> None:
        """Remove what the head written last does not need; the offsets have been committed.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker did not take it; that costs space only.
        """
        if self._dead:
            await self._write(dict.fromkeys(self._dead))
            self._dead.clear()

    def close(self) -> None:
        """Close the local copy, so that another process can open it."""
        self._copy.close()

    async def _entries(self) -> dict[bytes, bytes]:
        kept = self._copy.load()
        reading = await self._journal.read(self._topic, self._partition, kept.end)
        entries = kept.entries
        if not reading.complete or _are_others(_origins(kept.entries), _origins(reading.entries)):
            self._copy.clear()
            entries = {}
            reading = await self._journal.read(self._topic, self._partition)
        for key, value in reading.entries.items():
            if value is None:
                entries.pop(key, None)
            else:
                entries[key] = value
        self._copy.save(reading.entries, reading.end)
        self._end = reading.end
        return entries

    async def _write_segment(self, pieces: Iterable[bytes]) -> None:
        number, written = self._next_number, 0
        parts = cut(pieces, PART)
        while some := list(islice(parts, PARTS_AT_ONCE)):
            # Used up before anything is written: a write that fails may have written some, and no
            # name may ever stand for two contents.
            self._next_number = number + 1
            names = (PartName(self._epoch, number, written + at).key() for at in range(len(some)))
            await self._write(dict(zip(names, some, strict=True)))
            written += len(some)
        if written:
            self._parts[number] = written
            self._extend(number)

    async def _write(self, entries: Mapping[bytes, bytes | None]) -> None:
        end = await self._journal.write(self._topic, self._partition, entries)
        if end == self._end + len(entries):
            self._copy.save(entries, end)
            self._end = end
        else:  # another worker writes too, and the copy must not miss what that was
            await self._catch_up()

    async def _catch_up(self) -> Reading:
        """Copy what was written to the changelog since the last read."""
        reading = await self._journal.read(self._topic, self._partition, self._end)
        self._copy.save(reading.entries, reading.end)
        self._end = reading.end
        return reading

    def _extend(self, number: int) -> None:
        era, generation = self._epoch
        last = self._runs[-1] if self._runs else None
        if last is not None and (last.era, last.generation) == self._epoch:
            self._runs[-1] = msgspec.structs.replace(last, last=number)
        else:
            self._runs.append(Run(era, generation, number, number))

    def _drop_before(self, needed_from: int) -> None:
        """Leave out the segments before a number."""
        runs = []
        for run in self._runs:
            stop = min(run.last + 1, needed_from)
            for number in range(run.first, stop):
                epoch = Epoch(run.era, run.generation)
                for part in range(self._parts.pop(number)):
                    self._dead[PartName(epoch, number, part).key()] = None
            if stop <= run.last:
                runs.append(msgspec.structs.replace(run, first=max(run.first, stop)))
        self._runs = runs


def _origins(entries: Mapping[bytes, bytes | None]) -> set[str]:
    return {
        _head(value).origin
        for key, value in entries.items()
        if value is not None and epoch_of_head(key) is not None
    }


def _are_others(copied: set[str], read: set[str]) -> bool:
    """Return whether the copy is that of another changelog, as its heads show."""
    return bool(copied and read and copied.isdisjoint(read))


def _head(value: bytes) -> Head:
    return read_state(value, Head, "the head of a state")


def _require_known(entries: Mapping[bytes, bytes]) -> None:
    """Raise for entries of an earlier version, which would otherwise be removed as leftovers."""
    for key in entries:
        if not key.startswith(b"segment/"):
            raise IncompatibleSnapshot(
                f"the changelog holds {key[:40]!r}, written by an earlier version: use another "
                "topic prefix, and let the events be read again"
            )


def _numbers(runs: tuple[Run, ...]) -> Iterator[tuple[Epoch, int]]:
    for run in runs:
        for number in range(run.first, run.last + 1):
            yield Epoch(run.era, run.generation), number
