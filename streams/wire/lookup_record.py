"""Who looked at whom: one record for each answer that showed names of people."""

from typing import Annotated, Literal, NamedTuple

import msgspec
from msgspec import Meta, Struct

from detectors.alerts.alert import SubjectType
from detectors.events.decision import Role
from detectors.events.event import Identifier, Moment
from streams.wire.cloud_event import cloud_event

Shown = Annotated[tuple[str, ...], Meta(max_length=1_000)]


class ShownSubject(Struct, frozen=True, order=True):
    """Whom or what an answer named."""

    type: SubjectType
    id: str


class Lookup(Struct, frozen=True, kw_only=True):
    """One answer of the desk that showed, or could have shown, names of people.

    It stands in the topic before the answer goes out: an answer that nobody can account for is not
    given. A list without any rows is told too, since whoever asks for a person and finds nothing
    has learned something.

    ``mode`` is by what the person was known, ``path`` and ``query`` what they asked for, percent-
    encoded. ``case_ids``, ``alert_ids`` and ``subjects`` are what was shown, each once; where there
    was more than stands there, ``more`` says how many.
    """

    lookup_id: Identifier
    at: Moment
    who: Identifier
    role: Role
    mode: Literal["none", "oidc", "proxy", "mtls"]
    path: Annotated[str, Meta(max_length=2_048)]
    query: Annotated[str, Meta(max_length=4_096)]
    case_ids: Shown
    alert_ids: Shown
    subjects: Annotated[tuple[ShownSubject, ...], Meta(max_length=1_000)]
    more: Annotated[int, Meta(ge=0)] = 0
    type: Literal["lookup"] = "lookup"


class LookupRecord(NamedTuple):
    """Key, value and headers of a record in the topic ``lookups``."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def lookup_record(lookup: Lookup) -> LookupRecord:
    """Return the record of a lookup, under the login of whoever looked."""
    headers = cloud_event(lookup.lookup_id, "lookup", ("person", lookup.who), lookup.at)
    return LookupRecord(lookup.who.encode(), msgspec.json.encode(lookup), [*headers])
