"""Keeps of the records of a changelog those that bear our seal.

Another program that writes under a key of ours hides what we wrote there before, until compaction
takes that away. So what counts is the last record of a key *that is ours*, and the keys that others
used are told: what stands under them has to be written once more.
"""

from re import compile as compiled_pattern
from typing import Final

import msgspec
from msgspec import Struct

from detectors.basis.saved_state import NOT_READABLE
from streams.stages.state.head import newer
from streams.stages.state.journal import Foreign, Reading
from streams.stages.state.names import epoch_of_head, is_key_of_state
from streams.wire.record import KafkaRecord
from streams.wire.seal import SealCheck, check_seal

_VERSION: Final = compiled_pattern(r"[a-z]+-\d+")
"""The version that a head names, such as ``state-2``."""


class Sieve:
    """Takes records of one partition in their order.

    Parameters
    ----------
    place
        Where they are, as a seal names it.
    """

    def __init__(self, place: str) -> None:
        self._place: Final = place
        self._entries: Final[dict[bytes, bytes | None]] = {}
        self._number = 0
        self._keys: Final[set[bytes]] = set()
        self._first = ""
        self._newer = False
        self._unsealed = ""

    def add(self, record: KafkaRecord) -> None:
        """Take a record."""
        key = record.key or b""
        found = check_seal(self._place, record.key, record.value, record.headers)
        if found is SealCheck.RIGHT:
            # Popped first: a dict keeps the order of the last writes, which the state relies on.
            known, value = self._entries.pop(key, None), record.value
            if known is not None and value is not None and epoch_of_head(key) is not None:
                value = newer(known, value)
            self._entries[key] = value
            return
        self._number += 1
        self._first = self._first or f"{self._place} offset {record.offset}"
        if is_key_of_state(key):
            self._keys.add(key)
        if found is SealCheck.OTHER_RELEASE:
            self._newer = True
        elif found is SealCheck.ABSENT and key.startswith(b"head"):
            self._unsealed = _version_of(record.value) or self._unsealed

    def reading(self, end: int, *, complete: bool = True) -> Reading:
        """Return what was taken; `end` is the offset after it."""
        foreign = Foreign(
            self._number, frozenset(self._keys), self._first, self._newer, self._unsealed
        )
        return Reading(self._entries, end, complete, foreign)


class _Tagged(Struct):
    type: str


def _version_of(value: bytes | None) -> str:
    """Return the version of a head that was written without a seal; "" if it is none."""
    try:
        tag = msgspec.msgpack.decode(value or b"", type=_Tagged).type
    except NOT_READABLE:
        return ""
    return tag if _VERSION.fullmatch(tag) else ""
