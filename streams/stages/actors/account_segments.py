"""Accounts as segments of a state: what changed, and round after round all of them once more.

Each capture holds the accounts that changed since the one before, and a slice of all accounts.
Once every account has come round, no segment from before the round is needed, so that what has to
be kept is at most a few times what the accounts take, and no write is much longer than another.

A segment is made in pieces, each with its kind and its length before it: of a million accounts the
encoded form, and what it takes to make it, would otherwise stand in memory beside the accounts
themselves. A piece is either of plain accounts, as columns, or of others, one by one.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum
from typing import Final

import msgspec
import numpy as np
from msgspec import Raw

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account
from detectors.ledger.plain.columns import unpacked
from detectors.ledger.plain.layout import Numbers
from detectors.ledger.plain.saved import Columns
from detectors.ledger.stage import Ledger
from streams.wire.texts import texts_in

SLICE_OF_CHANGES: Final = 2
"""One account is rewritten for as many that changed."""

LONGEST_ROUND: Final = 500
"""Captures after which a round is over, however little changes."""

OBJECTS_IN_A_PIECE: Final = 2_000

ROWS_IN_A_PIECE: Final = 20_000
"""Ten times as many as objects: their columns pack the better, the longer they are."""

_LENGTH: Final = 4
"""Bytes of the length before a piece, which follows one byte with its kind."""


class _Kind(IntEnum):
    OBJECTS = 0
    ROWS = 1


_Entry = tuple[AccountId, Raw]

_encode: Final = msgspec.msgpack.Encoder().encode
_entries: Final = msgspec.msgpack.Decoder(list[_Entry]).decode
_account: Final = msgspec.msgpack.Decoder(Account).decode

_NOTHING: Final = Account()

_NO_ROWS: Final = np.zeros(0, dtype=np.int32)


class AccountSegments:
    """Chooses and writes the accounts of one ledger partition."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger: Final = ledger
        self._round: list[AccountId] = []
        self._round_of_rows = _NO_ROWS
        self._round_from = 0
        self._slice = 0
        self._needed_from = 0

    def segment(self, number: int, changed: Iterable[AccountId]) -> tuple[Iterable[bytes], int]:
        """Return the segment of this number, and the number of the oldest that is still needed.

        The pieces are made as they are asked for: until then no account may change.
        `changed` are the accounts that changed since the last segment while they were objects; of
        the plain ones the ledger knows. A plain account that was forgotten is in none: read back,
        the ledger forgets it again.
        """
        # Sorted, so that a restart emits in the same order whatever the hash seed.
        chosen, rows = sorted(changed), self._ledger.plain.changed()
        if not chosen and not len(rows):
            return (), self._needed_from
        if not self._round and not len(self._round_of_rows):
            self._round_from = number
            self._round, self._round_of_rows = (
                list(self._ledger.objects),
                self._ledger.plain.rows(),
            )
            self._slice = (len(self._round) + len(self._round_of_rows)) // LONGEST_ROUND + 1
        size = max(self._slice, (len(chosen) + len(rows)) // SLICE_OF_CHANGES)
        some, self._round = self._round[-size:], self._round[:-size]
        more = size - len(some)
        chosen += some
        rows = np.unique(np.concatenate([rows, self._round_of_rows[:more]]))
        self._round_of_rows = self._round_of_rows[more:]
        if not self._round and not len(self._round_of_rows):
            self._needed_from = self._round_from
        return self._pieces(chosen, rows), self._needed_from

    def _pieces(self, names: Sequence[AccountId], rows: Numbers) -> Iterator[bytes]:
        objects, plain = self._ledger.objects, self._ledger.plain
        for start in range(0, len(rows), ROWS_IN_A_PIECE):
            yield from _piece(_Kind.ROWS, plain.packed(rows[start : start + ROWS_IN_A_PIECE]))
        for start in range(0, len(names), OBJECTS_IN_A_PIECE):
            some = names[start : start + OBJECTS_IN_A_PIECE]
            # Of one that is gone an earlier segment may tell what is not so any more: a claim has
            # replaced it, and was forgotten. Nobody needs an account without facts.
            states = [
                (name, objects.get(name, _NOTHING))
                for name in some
                if name in objects or not plain.knows(name)
            ]
            yield from _piece(_Kind.OBJECTS, _encode(states))


def restore_accounts(ledger: Ledger, segments: Sequence[bytes], watermark: Seconds) -> None:
    """Restore the last state of every account into a ledger; segments oldest first.

    Raises
    ------
    IncompatibleSnapshot
        If a segment is not one.
    """
    ledger.restore({}, watermark)
    for segment in reversed(segments):  # where one has an account twice, both are the same
        for kind, piece in _pieces_of(segment):
            if kind == _Kind.ROWS:
                ledger.restore_plain(bytes(piece))
            else:
                ledger.restore(_unknown(ledger, piece), watermark)


def texts_in_segment(segment: bytes) -> Iterator[str | bytes]:
    """Yield every id and name in a segment, for whoever looks for one.

    Raises
    ------
    IncompatibleSnapshot
        If it is not one.
    """
    for kind, piece in _pieces_of(segment):
        if kind == _Kind.ROWS:
            names, columns = unpacked(bytes(piece))
            yield from names
            yield from _ids(columns)
        else:
            yield from _texts_of(piece)


def _texts_of(piece: memoryview) -> Iterator[str | bytes]:
    try:
        return texts_in(msgspec.msgpack.decode(piece))
    except msgspec.MsgspecError as error:
        raise IncompatibleSnapshot(f"not a segment of accounts: {error}") from None


def _ids(columns: Columns) -> Iterator[str]:
    letters, start = columns.texts.tobytes(), 0
    for length in columns.lengths.ravel().tolist():
        yield letters[start : start + length].decode()
        start += length


def _unknown(ledger: Ledger, piece: memoryview) -> dict[AccountId, Account]:
    try:
        return {name: _account(raw) for name, raw in _entries(piece) if not ledger.knows(name)}
    except msgspec.MsgspecError as error:
        raise IncompatibleSnapshot(f"not a segment of accounts: {error}") from None


def _piece(kind: _Kind, data: bytes) -> Iterator[bytes]:
    yield bytes([kind]) + len(data).to_bytes(_LENGTH, "big")
    yield data


def _pieces_of(segment: bytes) -> Iterator[tuple[int, memoryview]]:
    rest = memoryview(segment)
    while rest:
        stop = 1 + _LENGTH + int.from_bytes(rest[1 : 1 + _LENGTH], "big")
        yield rest[0], rest[1 + _LENGTH : stop]
        rest = rest[stop:]
