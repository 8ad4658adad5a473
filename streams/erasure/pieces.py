"""Whether a message in pieces holds the id of an account: it may be cut in the midst of the id."""

from collections.abc import Iterable, Iterator

import msgspec

from detectors.basis.saved_state import NOT_READABLE
from streams.erasure.needle import Needle
from streams.stages.pieces import Piece, Whole, joined
from streams.wire.record import LocatedRecord

_Place = tuple[int, Whole]


def holders(needle: Needle, records: Iterable[LocatedRecord]) -> Iterator[LocatedRecord]:
    """Yield the records that hold the id.

    All pieces of a message do, if it does. Of a message that is not whole nobody can tell, and its
    pieces are among them: retention has taken the others, and takes these.
    """
    begun: dict[_Place, dict[int, tuple[LocatedRecord, bytes]]] = {}
    for record in records:
        piece = _piece_in(record)
        if piece is None:
            if needle.in_packed(record.value or b""):
                yield record
            continue
        place = record.partition, piece.whole
        known = begun.setdefault(place, {})
        known[piece.number] = record, piece.body
        message = joined(piece.whole, {number: body for number, (_, body) in known.items()})
        if message is not None:
            del begun[place]
            if needle.in_packed(message):
                yield from (one for one, _ in known.values())
    for known in begun.values():
        yield from (one for one, _ in known.values())


def _piece_in(record: LocatedRecord) -> Piece | None:
    try:
        return msgspec.msgpack.decode(record.value or b"", type=Piece)
    except NOT_READABLE:
        return None
