"""The state of one partition of a stage, in a changelog topic.

It is a log of *segments*, each with what changed since the one before, and a *head* which says
which segments make the state, which records it holds, and carries the rest. The head is written
after its segments: a process that dies in between leaves the state of the head before. Segments
that are not needed any more are removed only once the offsets have been committed.

A worker that was frozen, and whose partition another one owns by now, may wake and write. It does
no harm: what it writes has names of its own (`streams.stages.state.names`), its head loses against
that of the later epoch, and its commit is refused, so that it removes nothing.

Another program that writes to the topic is no reason to end. Its records have no seal of ours and
count for nothing (`streams.stages.state.sieve`). One under a key of ours would in time leave that
key without our record, since the topic is compacted. The head has a twin for that, and what stood
under any other key is written once more as soon as the stray record is met, which is at the next
write or start: long before compaction, for which a file of the topic must be full or old first.
"""

import logging
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Final, NamedTuple
from uuid import uuid4

import msgspec

from streams.stages.actors.actor import Capture
from streams.stages.state.head import (
    Head,
    Run,
    are_of_others,
    latest_head,
    newer,
    require_fresh,
    require_one_release,
)
from streams.stages.state.journal import Foreign, Journal, Reading
from streams.stages.state.local_copy import LocalCopy
from streams.stages.state.names import (
    BEFORE_ALL,
    Epoch,
    PartName,
    epoch_of_head,
    head_key,
    twin_key,
)
from streams.stages.state.parts import cut, parts_of
from streams.wire.topics import Topic

PART: Final = 800_000
"""Bytes of a segment in one message: what a broker accepts by default, with room to spare."""

PARTS_AT_ONCE: Final = 8
"""Messages of a segment that are made before the broker has those before them."""

_log: Final = logging.getLogger("aboveboard.state")


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
        self._ignored = 0
        self._overtaken = False
        self._hidden: dict[bytes, bytes] = {}

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
        entries, foreign = await self._entries()
        found = latest_head(entries)
        if found is None:
            self._epoch = BEFORE_ALL.followed_by(generation)
            self._origin = uuid4().hex
            self._dead = dict.fromkeys(entries)
            return None
        latest, head = found
        self._origin, self._next_number, self._runs = (
            head.origin,
            head.next_number,
            list(head.runs),
        )
        segments: list[bytes] = []
        keys: set[bytes] = set()
        for epoch, number in (name for run in head.runs for name in run.numbers()):
            parts = list(parts_of(entries, epoch, number))
            self._parts[number] = len(parts)
            segments.append(b"".join(parts))
            keys.update(PartName(epoch, number, part).key() for part in range(len(parts)))
        self._hidden = {key: entries[key] for key in keys & foreign.keys if key in entries}
        self._epoch = latest.followed_by(generation)
        self._dead = {key: None for key in entries if key not in keys}
        # The head that was found has the name of another epoch: it is dead once ours is written.
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
        written = any(value is not None for value in reading.entries.values())
        if self._overtaken or written or not reading.complete:
            return False
        self._dead |= dict.fromkeys(_heads(self._epoch))
        self._epoch = self._epoch.followed_by(generation)
        return True

    async def write(self, capture: Capture, positions: dict[str, int]) -> None:
        """Write what `capture` holds; return once the broker has it.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the broker did not take it; the state before it still counts.
        """
        await self._write_hidden()
        await self._write_segment(capture.segment)
        self._drop_before(capture.needed_from)
        head = Head(self._origin, self._next_number, tuple(self._runs), positions, capture.rest)
        await self._write(dict.fromkeys(_heads(self._epoch), msgspec.msgpack.encode(head)))
        for key in _heads(self._epoch):
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

    def drain_ignored(self) -> int:
        """Return how many records of others were met since the last call."""
        ignored, self._ignored = self._ignored, 0
        return ignored

    def close(self) -> None:
        """Close the local copy, so that another process can open it."""
        self._copy.close()

    async def _entries(self) -> tuple[dict[bytes, bytes], Foreign]:
        kept = self._copy.load()
        reading = await self._journal.read(self._topic, self._partition, kept.end)
        entries = kept.entries
        if not reading.complete or are_of_others(kept.entries, reading.entries):
            self._copy.clear()
            entries = {}
            reading = await self._journal.read(self._topic, self._partition)
        for key, value in reading.entries.items():
            if value is None:
                entries.pop(key, None)
            elif key in entries and epoch_of_head(key) is not None:
                entries[key] = newer(entries[key], value)
            else:
                entries[key] = value
        # Refused before it is copied: a copy would not tell the next start why.
        self._admit(reading.foreign)
        if latest_head(entries) is None:
            require_fresh(entries, reading.foreign)
        self._copy.save({key: entries.get(key) for key in reading.entries}, reading.end)
        self._end = reading.end
        return entries, reading.foreign

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
            reading = await self._catch_up()
            # Noted here: what was read now is not read again when the state is to be reopened.
            theirs = {key for key, value in reading.entries.items() if value is not None}
            self._overtaken |= not theirs <= entries.keys()

    async def _catch_up(self) -> Reading:
        """Copy what was written to the changelog since the last read."""
        reading = await self._journal.read(self._topic, self._partition, self._end)
        self._admit(reading.foreign)
        hidden = reading.foreign.keys & self._needed() if reading.foreign.keys else ()
        if hidden:  # what stood there lies before, and was written long ago
            whole = (await self._journal.read(self._topic, self._partition)).entries
            found = {key: whole.get(key) for key in hidden}
            self._hidden |= {key: value for key, value in found.items() if value is not None}
        self._copy.save(reading.entries, reading.end)
        self._end = reading.end
        return reading

    async def _write_hidden(self) -> None:
        """Write once more what records of others hide, and compaction would take away."""
        hidden, self._hidden = self._hidden, {}
        again = {key: value for key, value in hidden.items() if key not in self._dead}
        if again:
            await self._write(again)

    def _admit(self, foreign: Foreign) -> None:
        """Count and tell what others wrote; raise if another release of ours did."""
        require_one_release(foreign)
        if foreign.number:
            self._ignored += foreign.number
            _log.warning(
                "%d records in %s are none of ours, the first at %s: left out. Find the program "
                "that writes them, and take its right to do so away",
                foreign.number,
                self._topic,
                foreign.first,
            )

    def _needed(self) -> set[bytes]:
        """Return the keys of all messages of the segments that make the state."""
        return {
            PartName(epoch, number, part).key()
            for run in self._runs
            for epoch, number in run.numbers()
            for part in range(self._parts[number])
        }

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


def _heads(epoch: Epoch) -> tuple[bytes, bytes]:
    return head_key(epoch), twin_key(epoch)
