"""Whether a state holds the id of an account: its segments are put together, and unpacked.

A segment is cut into messages, and plain accounts are packed in it: the bytes of a record alone say
nothing. What stands in the topic counts, whether the state still needs it or not.
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from detectors.basis.errors import IncompatibleSnapshot
from streams.erasure.needle import Needle
from streams.stages.actors.account_segments import texts_in_segment
from streams.stages.state.names import PartName, part_of_segment
from streams.wire.record import LocatedRecord
from streams.wire.topics import Topic

_LAST: Final = b"\x00"
"""How the last message of a segment begins."""


class _Begun(NamedTuple):
    """The messages of a segment that were read, and their bytes."""

    records: list[LocatedRecord]
    parts: list[bytes]


def holders(
    needle: Needle, topic: Topic, records: Iterable[LocatedRecord]
) -> Iterator[LocatedRecord]:
    """Yield the records of a state topic that hold the id, or of which nobody can tell.

    All messages of a segment do, if it does. Those of a segment that is not whole cannot be read:
    a cleaner has taken some of them, and takes the others.
    """
    begun: dict[tuple[int, PartName], _Begun] = {}
    for record in records:
        name = None if record.key is None else part_of_segment(record.key)
        if name is None:
            if needle.in_packed(record.value or b""):
                yield record
            continue
        if record.value is None:
            continue
        segment = record.partition, name._replace(part=0)
        if name.part == 0:
            begun[segment] = _Begun([], [])
        known = begun.get(segment)
        if known is None or len(known.parts) != name.part:
            yield record
            continue
        known.records.append(record)
        known.parts.append(record.value[1:])
        if record.value[:1] == _LAST:
            del begun[segment]
            if _holds(needle, topic, b"".join(known.parts)):
                yield from known.records
    for cut in begun.values():
        yield from cut.records


def _holds(needle: Needle, topic: Topic, segment: bytes) -> bool:
    if topic is not Topic.LEDGER_STATE:
        return needle.in_packed(segment)
    try:
        return needle.among(texts_in_segment(segment))
    except (IncompatibleSnapshot, UnicodeDecodeError):
        return True
