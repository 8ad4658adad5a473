"""A snapshot as changelog entries: cut into parts that a broker accepts, replaced as a whole.

Two generations take turns. The head names the one that counts, and is written after its parts, so
a process that dies while writing leaves the older generation intact.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import Struct

from detectors.errors import IncompatibleSnapshot
from streams.actors.actor import StateWrite

PART: Final = 500_000
"""Bytes in one part: half of what a broker accepts by default."""

_HEAD: Final = b"head"


class SnapshotHead(Struct, tag="snapshot-1"):
    """Which parts make the snapshot, and which records it holds."""

    generation: int
    parts: int
    positions: dict[str, int]


class SnapshotEntries:
    """Writes and reads the snapshots of one partition."""

    def __init__(self) -> None:
        self._generation = 0
        self._parts_of = {0: 0, 1: 0}

    def write(self, snapshot: bytes, positions: dict[str, int]) -> StateWrite:
        """Give the entries of the next generation."""
        self._generation += 1
        turn = self._generation % 2
        parts = [snapshot[start : start + PART] for start in range(0, len(snapshot), PART)]
        left_over = range(len(parts), self._parts_of[turn])
        self._parts_of[turn] = len(parts)
        head = SnapshotHead(self._generation, len(parts), positions)
        return StateWrite(
            {_key(turn, number): part for number, part in enumerate(parts)},
            (_HEAD, msgspec.msgpack.encode(head)),
            dict.fromkeys(_key(turn, number) for number in left_over),
        )

    def read(self, entries: Mapping[bytes, bytes]) -> tuple[bytes, dict[str, int]] | None:
        """Give the snapshot that counts and its positions; None if none was ever finished.

        Raises
        ------
        IncompatibleSnapshot
            If the head is of another version, or a part it names is missing.
        """
        if _HEAD not in entries:
            return None
        try:
            head = msgspec.msgpack.decode(entries[_HEAD], type=SnapshotHead)
        except msgspec.MsgspecError as error:
            raise IncompatibleSnapshot(f"not the head of a snapshot: {error}") from None
        turn = head.generation % 2
        keys = [_key(turn, number) for number in range(head.parts)]
        missing = [key for key in keys if key not in entries]
        if missing:
            raise IncompatibleSnapshot(f"the snapshot lacks its parts {missing}")
        self._generation = head.generation
        self._parts_of[turn] = head.parts
        return b"".join(entries[key] for key in keys), head.positions


def _key(turn: int, number: int) -> bytes:
    return f"part/{turn}/{number}".encode()
