"""Whatever the detectors read of a record, the desk finds under the same ids and time."""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from detectors.limit_settings import Limits
from streams.desk.model.mentioned import Mentioned, mentioned_in
from tests.detectors.refutation import refuted

DECODERS: Final = {
    kind: EventDecoder(Limits(), kind) for kind in ("sale", "cancellation", "account_activity")
}
PLAIN: Final[dict[str, dict[str, Any]]] = {
    "sale": {"customer_id": None, "agent_id": "anna", "sale_id": "s", "product": "card"}
    | {"amount": None},
    "cancellation": {"sale_id": "s", "reason": "returned", "initiated_by": "customer"},
    "account_activity": {"kind": "usage", "initiated_by": "customer", "agent_id": "anna"},
}
IDS: Final = ("event_id", "account_id", "sale_id", "agent_id")
ODD: Final[st.SearchStrategy[Any]] = st.sampled_from(
    ["anna", 7, 12345678901234567890, "", None, [], "a\u200bb", 1.5, True]
)
TIMES: Final[st.SearchStrategy[Any]] = st.sampled_from(
    [
        "2025-03-01T10:00:00Z",
        "2025-03-01 10:00 UTC",
        "20250301T100000+01",
        "2025-03-01",
        "2025-03-01T10:00:00",
        1740823200,
        1740823200000,
        None,
    ]
)


@st.composite
def records(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw the type of a topic and a record with some odd values in it."""
    kind = draw(st.sampled_from(sorted(DECODERS)))
    fields = {"event_id": "e", "account_id": "a", "occurred_at": draw(TIMES), **PLAIN[kind]}
    names = sorted({*IDS, "site", "team"} & {*fields, "site", "team"})
    for name in draw(st.lists(st.sampled_from(names), max_size=3)):
        fields[name] = draw(ODD)
    return kind, json.dumps(fields).encode()


def found_law(mentioned: Callable[[bytes], Mentioned], data: st.DataObject) -> None:
    kind, record = data.draw(records())
    try:
        event = DECODERS[kind].decode(record)
    except InvalidEvent:
        return
    found = mentioned(record)
    assert found.occurred_at == event.occurred_at
    for name in IDS:
        assert (getattr(found, name) or None) == getattr(event, name, None), name


@given(st.data())
def test_what_counts_is_found(data: st.DataObject) -> None:
    found_law(mentioned_in, data)


def _strictly(record: bytes) -> Mentioned:
    try:
        return msgspec.json.decode(record, type=Mentioned)
    except msgspec.DecodeError:
        return Mentioned()


def test_a_desk_that_reads_more_strictly_than_the_detectors_is_caught() -> None:
    assert refuted(found_law, _strictly)


@pytest.mark.parametrize("record", [b"", b"[1]", b"[" * 100_000, b"{", b"\xff\xfe", b"null"])
def test_what_is_no_object_says_nothing(record: bytes) -> None:
    assert mentioned_in(record) == Mentioned()
