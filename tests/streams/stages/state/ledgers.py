"""A changelog in memory, and writers of it that keep a set of words as their state."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from streams.stages.actors.actor import Capture
from streams.stages.state import state_log
from streams.stages.state.journal import Entries
from streams.stages.state.local_copy import Kept, LocalCopy, NoCopy
from streams.stages.state.state_log import StateLog
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Broker, MemoryJournal

TOPIC: Final = Topic.LEDGER_STATE


@contextmanager
def small_parts(length: int = 4, at_once: int = 2) -> Iterator[None]:
    """Write segments in many small parts, few of them in one go."""
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(state_log, "PART", length)
        changed.setattr(state_log, "PARTS_AT_ONCE", at_once)
        yield


class KeptCopy:
    """A local copy that outlives the writers."""

    def __init__(self) -> None:
        self.entries: dict[bytes, bytes] = {}
        self.end = 0
        self.loads: list[int] = []

    def load(self) -> Kept:
        self.loads.append(self.end)
        return Kept(dict(self.entries), self.end)

    def save(self, entries: Entries, end: int) -> None:
        for key, value in entries.items():
            if value is None:
                self.entries.pop(key, None)
            else:
                self.entries[key] = value
        self.end = end

    def clear(self) -> None:
        self.entries.clear()
        self.end = 0

    def close(self) -> None:
        """Nothing to close."""


class Words:
    """A state that is a list of words; each capture tells those that are new.

    Every `round_of` captures all words are told once more, so that older segments can go.
    """

    def __init__(self, broker: Broker, copy: LocalCopy | None = None, round_of: int = 3) -> None:
        self.log: Final = StateLog(MemoryJournal(broker), TOPIC, 0, copy or NoCopy())
        self.words: list[str] = []
        self._told = 0
        self._round_of: Final = round_of
        self._needed_from = 0
        self._version = 0

    async def open(self, generation: int) -> bool:
        state = await self.log.open(generation)
        if state is None:
            return False
        self.words = [word for part in state.segments for word in part.decode().split()]
        self.words = list(dict.fromkeys(self.words))
        self._told = len(self.words)
        self._version = int(state.rest)
        assert state.positions == {"sales": self._version}
        return True

    def add(self, *words: str) -> None:
        self.words += words

    async def write(self) -> None:
        self._version += 1
        number = self.log.next_number
        if number % self._round_of == 0:
            self._needed_from = number
            new = self.words
        else:
            new = self.words[self._told :]
        self._told = len(self.words)
        # One piece a word, so that a segment is written in several goes.
        pieces = [f"{word} ".encode() for word in new]
        capture = Capture(pieces, str(self._version).encode(), self._needed_from)
        await self.log.write(capture, {"sales": self._version})


async def words_in(broker: Broker, copy: LocalCopy | None = None) -> list[str]:
    reader = Words(broker, copy)
    await reader.open(99)
    return reader.words


def recreated(broker: Broker) -> None:
    """Delete the changelog and create it again."""
    broker.changelogs.clear()
