"""Accounts as segments of a state: what changed, and round after round all of them once more.

Each capture holds the accounts that changed since the one before, and a slice of all accounts.
Once every account has come round, no segment from before the round is needed, so that what has to
be kept is at most a few times what the accounts take, and no write is much longer than another.

A segment is made in pieces, each with its length before it: of a million accounts the encoded
form, and what it takes to make it, would otherwise stand in memory beside the accounts themselves.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Raw

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.identifiers import AccountId
from detectors.facts.account import Account

SLICE_OF_CHANGES: Final = 2
"""One account is rewritten for as many that changed."""

LONGEST_ROUND: Final = 500
"""Captures after which a round is over, however little changes."""

ACCOUNTS_IN_A_PIECE: Final = 2_000

_LENGTH: Final = 4
"""Bytes of the length before a piece."""

_Entry = tuple[AccountId, Raw]

_encode: Final = msgspec.msgpack.Encoder().encode
_entries: Final = msgspec.msgpack.Decoder(list[_Entry]).decode
_account: Final = msgspec.msgpack.Decoder(Account).decode


class AccountSegments:
    """Chooses and writes the accounts of one ledger partition.

    Parameters
    ----------
    account
        Gives the present state of an account, None if it has been forgotten.
    """

    def __init__(self, account: Callable[[AccountId], Account | None]) -> None:
        self._account: Final = account
        self._round: list[AccountId] = []
        self._round_from = 0
        self._slice = 0
        self._needed_from = 0

    def segment(
        self, number: int, changed: Iterable[AccountId], known: Collection[AccountId]
    ) -> tuple[Iterable[bytes], int]:
        """Return the segment of this number, and the number of the oldest that is still needed.

        The pieces are made as they are asked for: until then no account may change.
        `changed` are the accounts that changed since the last segment, `known` is all there are.
        An account that was forgotten is in none: reading it back, the ledger forgets it again.
        """
        # Sorted, so that a restart emits in the same order whatever the hash seed.
        chosen = sorted(changed)
        if not chosen:
            return (), self._needed_from
        if not self._round:
            self._round_from, self._round = number, list(known)
            self._slice = len(self._round) // LONGEST_ROUND + 1
        size = max(self._slice, len(chosen) // SLICE_OF_CHANGES)
        chosen += self._round[-size:]
        del self._round[-size:]
        if not self._round:
            self._needed_from = self._round_from
        return self._pieces(chosen), self._needed_from

    def _pieces(self, names: Sequence[AccountId]) -> Iterator[bytes]:
        account = self._account
        for start in range(0, len(names), ACCOUNTS_IN_A_PIECE):
            some = names[start : start + ACCOUNTS_IN_A_PIECE]
            piece = _encode(
                [(name, state) for name in some if (state := account(name)) is not None]
            )
            yield len(piece).to_bytes(_LENGTH, "big")
            yield piece


def accounts_in(segments: Sequence[bytes]) -> dict[AccountId, Account]:
    """Return the last state of every account; segments oldest first.

    Raises
    ------
    IncompatibleSnapshot
        If a segment is not one.
    """
    latest: dict[AccountId, Account] = {}
    try:
        for segment in reversed(segments):
            for name, raw in _entries_of(segment):
                if name not in latest:  # where one segment has an account twice, both are the same
                    latest[name] = _account(raw)
    except msgspec.MsgspecError as error:
        raise IncompatibleSnapshot(f"not a segment of accounts: {error}") from None
    return latest


def _entries_of(segment: bytes) -> Iterator[_Entry]:
    rest = memoryview(segment)
    while rest:
        stop = _LENGTH + int.from_bytes(rest[:_LENGTH], "big")
        yield from _entries(rest[_LENGTH:stop])
        rest = rest[stop:]
