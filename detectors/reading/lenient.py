"""A record that the strict decoder refused, read field by field.

What a verdict needs is read exactly or refuses the record; of everything else, what cannot be read
becomes unknown. The same bytes always give the same event.
"""

import difflib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from detectors.basis.errors import InvalidEvent, UnreadableValue
from detectors.basis.words import as_word, known_word
from detectors.events.event import TYPE_FIELD, WIRE_TYPES, AccountActivity, AnyEvent, types_in
from detectors.reading.fields import (
    AS_SENT,
    FIELDS,
    ReadField,
    Repair,
    as_sent,
)
from detectors.reading.identifiers import identifier
from detectors.reading.plain import plain_objects
from detectors.reading.times import moment


class Repaired(NamedTuple):
    """What was done to a field of an event of some type."""

    event_type: str
    field: str
    repair: Repair


class LenientlyRead(NamedTuple):
    """An event, and what was done to its fields."""

    event: AnyEvent
    repairs: list[Repaired]


class Head(NamedTuple):
    """What a record says of its type, account and time, None where it says nothing readable."""

    event_type: str | None
    account_id: str | None
    occurred_at: datetime | None


def read_head(record: bytes) -> Head | None:
    """Return type and account of a record, None if it is no JSON object even so."""
    try:
        values = plain_objects(record)
    except (ValueError, RecursionError):
        return None
    if not isinstance(values, dict):
        return None
    account_id = occurred_at = None
    with suppress(UnreadableValue):
        account_id = identifier(values.get("account_id"))
    with suppress(UnreadableValue):
        occurred_at = moment(values.get("occurred_at"))
    return Head(known_word(values.get(TYPE_FIELD), WIRE_TYPES), account_id, occurred_at)


def read_leniently(record: bytes, event_type: str | None, refusal: InvalidEvent) -> LenientlyRead:
    """Return the event that a record holds, and what had to be done to read it.

    Parameters
    ----------
    record
        One that the strict decoder has refused, or that holds characters it lets pass.
    event_type
        As for `EventDecoder`.
    refusal
        Why it was refused: that is told if this way finds no object either.

    Raises
    ------
    InvalidEvent
        If the record is no JSON object, or a value that a verdict needs cannot be read.
    """
    try:
        values = plain_objects(record)
    except (ValueError, RecursionError):
        raise refusal from None
    if not isinstance(values, dict):
        raise refusal
    name = _type_of(values, event_type)
    kind = WIRE_TYPES[name]
    repairs: list[Repaired] = []
    read: dict[str, Any] = {}
    for field in FIELDS[kind]:
        if (field.name in values or field.is_required) and field.name not in read:
            for key, value, repair in _read(field, values):
                read[key] = value
                if repair is not None:
                    repairs.append(Repaired(name, key, repair))
    event: AnyEvent = kind(**read)
    if isinstance(event, AccountActivity) and Repaired(name, "agent_id", "unknown") in repairs:
        # Somebody keyed it, perhaps the seller: so nobody can say that it was the customer.
        read |= {"initiated_by": "unknown", "initiated_by_as_sent": event.initiated_by}
        event = kind(**read)
    return LenientlyRead(event, repairs)


def _type_of(values: Mapping[str, object], event_type: str | None) -> str:
    said = values.get(TYPE_FIELD)
    if event_type is not None and said is None:
        return event_type
    name = known_word(said, WIRE_TYPES)
    names = tuple(WIRE_TYPES) if event_type is None else types_in(event_type)
    if name is not None and name in names:
        return name
    if TYPE_FIELD not in values:
        detail = f"Object missing required field `{TYPE_FIELD}`"
    elif name is not None:
        detail = (
            f"Invalid value {name!r} - at `$.{TYPE_FIELD}`: this is the topic of {event_type!r}"
        )
    else:
        spelt = as_sent(said)
        near = difflib.get_close_matches(as_word(spelt[:64]), names, n=1, cutoff=0.5)
        hint = f"; the nearest is `{near[0]}`" if near else ""
        detail = (
            f"Invalid value {spelt[:64]!r} - at `$.{TYPE_FIELD}`: it is none of "
            f"{', '.join(names)}{hint}"
        )
    raise InvalidEvent("invalid_field", detail, TYPE_FIELD)


def _read(
    field: ReadField, values: Mapping[str, object]
) -> Iterator[tuple[str, Any, Repair | None]]:
    """Yield the value of a field, and that of its companion that keeps what was sent."""
    name, is_missing = field.name, field.name not in values
    if is_missing and field.is_needed:
        raise InvalidEvent("invalid_field", f"Object missing required field `{name}`", name)
    sent = values.get(name)
    if sent == "" and field.is_nullable and not field.takes(sent):
        yield name, None, "read"  # most exports write null as an empty text
        return
    try:
        value = field.value(sent)
    except UnreadableValue as error:
        if field.is_needed:
            raise InvalidEvent("invalid_field", f"{error} - at `$.{name}`", name) from None
        yield name, field.default, "unknown" if field.default in (None, "unknown") else "other"
        if field.keeps_sent:
            yield f"{name}{AS_SENT}", "" if is_missing else as_sent(sent), None
    else:
        yield name, value, "unknown" if is_missing else None if field.takes(sent) else "read"
