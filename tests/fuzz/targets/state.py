"""Records of a state topic: a head that can be read, or a sentence that says why not."""

from contextlib import suppress
from typing import Final

import msgspec
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from streams.stages.state.head import latest_head
from streams.stages.state.sieve import Sieve
from streams.wire.seal import SEAL, place_of, seal_of
from tests.fuzz.mutation import of_msgpack
from tests.fuzz.target import Target
from tests.fuzz.targets.message import Foreign

_PLACE: Final = place_of("prefix-ledger-state", 0)


class StateRecord(Struct, array_like=True):
    """A record of the topic, and whether it bears our seal."""

    key: bytes | None
    value: bytes | None
    sealed: bool = True


def run(data: bytes) -> None:
    """Read a topic, whoever wrote it, and find the head of the state."""
    try:
        records = msgspec.msgpack.decode(data, type=list[StateRecord])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return
    sieve = Sieve(_PLACE)
    with suppress(IncompatibleSnapshot):
        for offset, record in enumerate(records):
            seal = seal_of(_PLACE, record.key, record.value)
            headers = ((SEAL, seal),) if record.sealed else ()
            sieve.add(Foreign(record.value, offset, key=record.key, headers=headers))
        reading = sieve.reading(len(records))
        entries = {key: value for key, value in reading.entries.items() if value is not None}
        latest_head(entries)


TARGET: Final = Target("state", run, of_msgpack)
