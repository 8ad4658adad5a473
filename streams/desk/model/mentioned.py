"""What of an event is searched for and counted, read as the detectors read it.

Nearly every record is read strictly, at once. One with an odd value counts for the detectors all
the same (`detectors.reading`): if the desk did not find it, a use that was seen would be shown as
none.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from detectors.basis.errors import UnreadableValue
from detectors.events.event import Moment
from detectors.reading.identifiers import identifier
from detectors.reading.plain import plain_objects
from detectors.reading.times import moment


class Mentioned(Struct, frozen=True):
    """Fields of an event; None for what is not there, or nobody can read."""

    event_id: str | None = None
    account_id: str | None = None
    agent_id: str | None = None
    sale_id: str | None = None
    occurred_at: Moment | None = None
    site: str | None = None
    team: str | None = None
    product: str | None = None


_NOT_STRICT: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
_NOTHING: Final = Mentioned()
_READERS: Final[Mapping[str, Callable[[object], Any]]] = {
    field: moment if field == "occurred_at" else identifier for field in Mentioned.__struct_fields__
}

_decode: Final = msgspec.json.Decoder(Mentioned).decode


def mentioned_in(record: bytes) -> Mentioned:
    """Return what a record says of these fields; nothing where it is no JSON object."""
    try:
        return _decode(record)
    except _NOT_STRICT:
        return _leniently(record)


def _leniently(record: bytes) -> Mentioned:
    try:
        values = plain_objects(record)
    except (ValueError, RecursionError):
        return _NOTHING
    if not isinstance(values, dict):
        return _NOTHING
    return Mentioned(**{name: _read(name, values.get(name)) for name in _READERS})


def _read(name: str, value: object) -> Any:  # noqa: ANN401 - of any of the fields
    try:
        return None if value is None else _READERS[name](value)
    except UnreadableValue:
        return None
