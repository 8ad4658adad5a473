"""Messages of any size in records of a size that a broker takes, and put together again.

What a stage tells of a day grows with the cells and the groups of the day. So it is cut into
pieces; each says which message it is of, its own number, and how many there are. A message is read
once all of its pieces are there. Pieces may come twice, late, or among those of another message: a
worker that was frozen may send what its successor has sent.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, Generic, NamedTuple, TypeVar
from zlib import crc32

import msgspec
from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day
from detectors.basis.saved_state import NOT_READABLE
from streams.stages.actors.messages import Messages
from streams.stages.actors.unusable import Unusable
from streams.wire.record import KafkaRecord

LARGEST_PIECE: Final = 900_000
"""Bytes of a message in one record; a broker takes a million by default, with what is around."""

_encode: Final = msgspec.msgpack.Encoder().encode
_ARRAY_OF_TWO: Final = b"\x92"
_LONG_BYTES: Final = b"\xc6"

Message = TypeVar("Message")


class Whole(NamedTuple):
    """Which message a piece is of: who tells of which day, and what the bytes say."""

    sender: int
    day: Day
    checksum: int
    total: int


class Piece(Struct, frozen=True, array_like=True, gc=False):
    """A part of a message: the one of a `number`, from 0, among a `total`.

    ``checksum`` is that of the whole message (CRC-32): pieces of two are never joined.
    """

    sender: int
    day: Day
    checksum: int
    number: int
    total: int
    body: bytes

    @property
    def whole(self) -> Whole:
        """The message that it is of."""
        return Whole(self.sender, self.day, self.checksum, self.total)


def cut(sender: int, day: Day, message: bytes, largest: int = LARGEST_PIECE) -> list[bytes]:
    """Return the pieces of a message, in their order, each of at most `largest` bytes of it."""
    starts = range(0, max(len(message), 1), largest)
    checksum = crc32(message)
    return [
        _encode(Piece(sender, day, checksum, number, len(starts), message[start : start + largest]))
        for number, start in enumerate(starts)
    ]


def joined(whole: Whole, pieces: Mapping[int, bytes]) -> bytes | None:
    """Return the message whose pieces are given by their numbers; None if it is not whole."""
    if len(pieces) < whole.total:
        return None
    return b"".join(pieces[number] for number in range(whole.total))


class MessagesInPieces(Generic[Message]):
    """Reads messages of one kind that came in pieces.

    Of each sender they are of one day after the other. So once a message is whole, nothing is kept
    of that day or an earlier one: who waits for those is sent all of their pieces again.

    Parameters
    ----------
    messages
        Reads whole ones.
    """

    def __init__(self, messages: Messages[Message]) -> None:
        self._messages: Final = messages
        self._pieces: Final = Messages(Piece, _fault)
        self._waiting: dict[Whole, dict[int, bytes]] = {}

    def read(self, records: Sequence[KafkaRecord], unusable: list[Unusable]) -> Iterator[Message]:
        """Yield the messages that records complete; add to `unusable` what is no such piece."""
        for record in records:
            for piece in self._pieces.read((record,), unusable):
                message = self._add(piece)
                if message is None:
                    continue
                if crc32(message) != piece.checksum:
                    unusable.append(Unusable(record, "its pieces make no message of ours"))
                    continue
                yield from self._messages.read_one(record, message, unusable)

    def snapshot(self) -> bytes:
        """Return the pieces whose message is not whole yet."""
        return _encode([(*whole, pieces) for whole, pieces in self._waiting.items()])

    def restore(self, snapshot: bytes) -> None:
        """Restore what `snapshot` returned."""
        rows = msgspec.msgpack.decode(
            snapshot, type=list[tuple[int, Day, int, int, dict[int, bytes]]]
        )
        self._waiting = {Whole(*row[:4]): row[4] for row in rows}

    def _add(self, piece: Piece) -> bytes | None:
        whole = piece.whole
        pieces = self._waiting.setdefault(whole, {})
        pieces[piece.number] = piece.body
        message = joined(whole, pieces)
        if message is not None:
            self._waiting = {
                other: some
                for other, some in self._waiting.items()
                if other.sender != piece.sender or other.day > piece.day
            }
        return message


def segment(waiting: bytes, stage: bytes) -> tuple[bytes, ...]:
    """Return the state of a stage, with pieces that wait, as a segment in MessagePack.

    It is not joined here: the state of a stage may be large.
    """
    return (
        _ARRAY_OF_TWO,
        *(part for one in (waiting, stage) for part in (_LONG_BYTES, _length(one), one)),
    )


def parts_of_segment(held: bytes, owner: str) -> tuple[bytes, bytes]:
    """Return what `segment` was given.

    Raises
    ------
    IncompatibleSnapshot
        If it is no such segment; `owner` is whose it should be.
    """
    try:
        return msgspec.msgpack.decode(held, type=tuple[bytes, bytes])
    except NOT_READABLE as error:
        raise IncompatibleSnapshot(f"not a state of {owner}: {error}") from None


def _length(held: bytes) -> bytes:
    return len(held).to_bytes(4, "big")


def _fault(piece: Piece) -> str:
    is_one = 0 <= piece.number < piece.total
    return "" if is_one else f"it is piece {piece.number} of {piece.total}"
