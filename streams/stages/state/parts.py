"""Segments in messages of a size that a broker takes, and put together again."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from detectors.basis.errors import IncompatibleSnapshot
from streams.stages.state.names import Epoch, PartName

_MORE: Final = b"\x01"
_LAST: Final = b"\x00"


def cut(pieces: Iterable[bytes], length: int) -> Iterator[bytes]:
    """Yield pieces as parts of one length; the first byte of each says whether another follows."""
    part = bytearray(_MORE)
    for piece in pieces:
        rest = memoryview(piece)
        while rest:
            if len(part) > length:
                yield bytes(part)
                del part[1:]
            room = length + 1 - len(part)
            part += rest[:room]
            rest = rest[room:]
    if len(part) > 1:
        part[:1] = _LAST
        yield bytes(part)


def parts_of(entries: Mapping[bytes, bytes], epoch: Epoch, number: int) -> Iterator[bytes]:
    """Yield the parts of one segment, to be joined.

    Raises
    ------
    IncompatibleSnapshot
        If one of them is missing.
    """
    part = 0
    while True:
        name = PartName(epoch, number, part)
        value = entries.get(name.key())
        if value is None:
            raise IncompatibleSnapshot(
                f"the state lacks {name.key().decode()}: another program has deleted it or written "
                "over it, and the broker has removed what stood there. Replay the event topics "
                "into a new ABOVEBOARD_TOPIC_PREFIX, and let nobody else write to this one"
            )
        yield value[1:]
        if value[:1] == _LAST:
            return
        part += 1
