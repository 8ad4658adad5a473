import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.decoding import EventDecoder
from detectors.events.event import (
    Access,
    AccountActivity,
    AccountMerged,
    Agent,
    AgentMerged,
    AnyEvent,
    Cancellation,
    Interaction,
    RosteredHours,
    Sale,
)
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.limit_settings import Limits
from detectors.pipeline import Pipeline
from tests.detectors.worlds import SETTINGS

COMMON: Final = {"event_id": "e", "account_id": "a", "occurred_at": "2025-03-01T10:00:00Z"}
SALE: Final = COMMON | {
    "type": "sale",
    "sale_id": "s",
    "customer_id": "c",
    "agent_id": "anna",
    "product": "card",
    "amount": 10,
}
CANCELLATION: Final = COMMON | {
    "type": "cancellation",
    "sale_id": "s",
    "reason": "returned",
    "initiated_by": "customer",
}
ACTIVITY: Final = COMMON | {"type": "account_activity", "kind": "login", "initiated_by": "customer"}
MERGED: Final = COMMON | {"type": "account_merged", "into_account_id": "b"}
AGENT_MERGED: Final = COMMON | {"type": "agent_merged", "agent_id": "a", "into_agent_id": "b"}
DECODER: Final = EventDecoder(Limits())


def record(event: Mapping[str, object], **changes: object) -> bytes:
    return json.dumps({**event, **changes}).encode()


def refusal(raw: bytes, decoder: EventDecoder = DECODER) -> InvalidEvent:
    with pytest.raises(InvalidEvent) as caught:
        decoder.decode(raw)
    assert caught.value.detail
    return caught.value


def test_each_type_of_event_is_read() -> None:
    assert isinstance(DECODER.decode(record(SALE)), Sale)
    assert isinstance(DECODER.decode(record(CANCELLATION)), Cancellation)
    assert isinstance(DECODER.decode(record(ACTIVITY)), AccountActivity)
    assert isinstance(DECODER.decode(record(MERGED)), AccountMerged)
    assert isinstance(DECODER.decode(record(AGENT_MERGED)), AgentMerged)


def test_the_topic_of_activity_holds_merges_as_well_and_no_other_does() -> None:
    for spelling in (None, IdentitySettings(normalise=("case",))):
        decoder = EventDecoder(Limits(), "account_activity", spelling or AS_THEY_STAND)
        assert decoder.decode(record(MERGED)) == DECODER.decode(record(MERGED))
        assert decoder.decode(record(ACTIVITY)) == DECODER.decode(record(ACTIVITY))
        assert not decoder.repaired
    assert "topic of 'sale'" in refusal(record(MERGED), EventDecoder(Limits(), "sale")).detail
    without = {name: value for name, value in MERGED.items() if name != "into_account_id"}
    for decoder in (DECODER, EventDecoder(Limits(), "account_activity")):
        assert refusal(record(without), decoder).field == "into_account_id"
        assert refusal(record(MERGED, into_account_id="a\u202eb"), decoder).field
        read = decoder.decode(record(MERGED, into_account_id=17, type="AccountMerged"))
        assert read == decoder.decode(record(MERGED, into_account_id="17"))


def test_who_had_to_do_with_whom_stands_with_the_activity_and_names_its_type() -> None:
    for name, kind in (("interaction", Interaction), ("access", Access)):
        met = COMMON | {"type": name, "agent_id": "anna", "customer_id": "c"}
        for decoder in (EventDecoder(Limits()), EventDecoder(Limits(), "account_activity")):
            assert isinstance(decoder.decode(record(met)), kind)
            assert not decoder.repaired
            read = decoder.decode(record(met, agent_id="", customer_id=[], type=name.upper()))
            assert isinstance(read, Interaction | Access)
            assert (read.agent_id, read.customer_id) == (None, None)
            decoder.repaired.clear()
            without = {field: value for field, value in met.items() if field != "agent_id"}
            assert refusal(record(without), decoder).field == "agent_id"
        assert "topic of 'sale'" in refusal(record(met), EventDecoder(Limits(), "sale")).detail


def test_master_data_of_an_agent_stands_there_as_well() -> None:
    told = COMMON | {"type": "agent", "agent_id": "Anna", "email_hash": "own"}
    spelt = IdentitySettings(normalise=("case",), nobody=("SYSTEM",))
    decoder = EventDecoder(Limits(), "account_activity", spelt)
    read = decoder.decode(record(told))
    assert isinstance(read, Agent)
    assert (read.agent_id, read.email_hash, read.phone_hash) == ("anna", "own", None)
    for nobody in ("system", None, ""):
        read = decoder.decode(record(told, agent_id=nobody))
        assert isinstance(read, Agent)
        assert read.agent_id is None
    decoder.repaired.clear()
    decoder.decode(record(told, payer_hash=[]))
    assert {one.field for one in decoder.repaired} == {"payer_hash"}
    shift = told | {"type": "roster", "starts_at": "2025-03-01T08:00:00Z", "ends_at": 1740852000}
    assert isinstance(decoder.decode(record(shift)), RosteredHours)
    assert refusal(record(shift, ends_at="later"), decoder).field == "ends_at"
    for event in (told, shift):
        without = {field: value for field, value in event.items() if field != "agent_id"}
        assert refusal(record(without), decoder).field == "agent_id"
        assert "topic of 'sale'" in refusal(record(event), EventDecoder(Limits(), "sale")).detail


def test_a_merge_of_agents_names_two_ids_as_settings_spell_them() -> None:
    decoder = EventDecoder(Limits(), "account_activity")
    assert decoder.decode(record(AGENT_MERGED)) == DECODER.decode(record(AGENT_MERGED))
    for name in ("agent_id", "into_agent_id"):
        assert refusal(record(AGENT_MERGED, **{name: None}), decoder).field == name
    spelt = IdentitySettings(normalise=("case",), nobody=("SYSTEM",), merged={"c": "b"})
    decoder = EventDecoder(Limits(), "account_activity", spelt)
    assert decoder.decode(record(AGENT_MERGED, agent_id="A", into_agent_id="C")) == DECODER.decode(
        record(AGENT_MERGED)
    )
    for one in ({"agent_id": "System"}, {"into_agent_id": "system"}):  # nobody is nobody else
        event = decoder.decode(record(AGENT_MERGED, **one))
        assert isinstance(event, AgentMerged)
        assert event.agent_id == event.into_agent_id


def test_a_topic_of_one_type_needs_no_type_field() -> None:
    decoder = EventDecoder(Limits(), "sale")
    without = {name: value for name, value in SALE.items() if name != "type"}
    assert decoder.decode(record(without)) == DECODER.decode(record(SALE))
    assert "$.type" in refusal(record(CANCELLATION), decoder).detail


def test_unknown_fields_are_ignored() -> None:
    assert DECODER.decode(record(SALE, colour="red")) == DECODER.decode(record(SALE))


def test_no_selling_agent_is_a_fact_and_must_be_said() -> None:
    sold = DECODER.decode(record(SALE, agent_id=None))
    assert isinstance(sold, Sale)
    assert sold.agent_id is None
    without = {name: value for name, value in SALE.items() if name != "agent_id"}
    assert "agent_id" in refusal(record(without)).detail


NEEDED: Final = frozenset(
    ("type", "event_id", "account_id", "occurred_at", "sale_id", "agent_id", "product")
)
"""Without these there is no verdict; all other fields may be unknown."""


@pytest.mark.parametrize("event", [SALE, CANCELLATION, ACTIVITY])
def test_every_missing_field_that_is_needed_is_named(event: dict[str, object]) -> None:
    for name in NEEDED.intersection(event):
        error = refusal(record({key: value for key, value in event.items() if key != name}))
        assert (error.reason, error.field, name in error.detail) == ("invalid_field", name, True)


@pytest.mark.parametrize("event", [SALE, CANCELLATION, ACTIVITY])
@pytest.mark.parametrize("wrong", [[], {}, True, 1.5])
def test_every_wrong_type_of_what_is_needed_is_named(
    event: dict[str, object], wrong: object
) -> None:
    for name in NEEDED.intersection(event):
        if (name, wrong) == ("occurred_at", 1.5):  # a moment of 1970
            continue
        error = refusal(record(event, **{name: wrong}))
        assert (error.reason, error.field) == ("invalid_field", name)
        assert f"$.{name}" in error.detail


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("event_id", "x" * 257),
        ("event_id", ""),
        ("account_id", ""),
        ("sale_id", None),
        ("product", ""),
        ("schema_version", 0),
        ("schema_version", 2),
        ("schema_version", None),
        ("type", "refund"),
        ("type", "sales"),
        ("occurred_at", "2025-03-01T10:00:00"),
        ("occurred_at", "2025-02-30T10:00:00Z"),
        ("occurred_at", "2025-03-01T23:59:60Z"),
        ("occurred_at", "yesterday"),
    ],
)
def test_a_needed_value_out_of_its_range_is_refused_and_named(field: str, value: object) -> None:
    error = refusal(record(SALE, **{field: value}))
    assert (error.reason, error.field) == ("invalid_field", field)
    assert f"$.{field}" in error.detail


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+23:59",
        "1999-12-31T23:59:59.999999Z",
        "2100-01-01T00:00:01Z",
        "9999-12-31T23:59:59-23:59",
        "9999-12-31T23:59:59.999999Z",
    ],
)
def test_an_impossible_time_is_refused_and_named(moment: str) -> None:
    error = refusal(record(SALE, occurred_at=moment))
    assert (error.reason, "$.occurred_at" in error.detail) == ("impossible_time", True)


def test_offsets_of_time_zones_are_understood() -> None:
    one, other = (
        DECODER.decode(record(SALE, occurred_at=moment))
        for moment in ("2025-03-01T10:00:00+05:30", "2025-03-01T04:30:00Z")
    )
    assert one.occurred_at == other.occurred_at
    assert one.occurred_at.utcoffset() != other.occurred_at.utcoffset()
    assert one.occurred_at - other.occurred_at == timedelta(0)


RAW: Final = record(SALE)
HOSTILE: Final = {
    "nothing": (b"", "not_json"),
    "blanks": (b" \n", "not_json"),
    "truncated": (RAW[:-4], "not_json"),
    "two in one": (RAW + RAW, "not_json"),
    "a byte order mark": (b"\xef\xbb\xbf" + RAW, "not_json"),
    "an array": (b"[]", "invalid_field"),
    "null": (b"null", "invalid_field"),
    "a number": (b"12", "invalid_field"),
    "deep nesting": (b'{"x":' + b"[" * 30_000 + b"]" * 30_000 + b"}", "not_json"),
    "deep nesting, open": (b"[" * 60_000, "not_json"),
    "nesting that some Pythons take": (b'{"x":' + b"[" * 500 + b"]" * 500 + b"}", "not_json"),
    "10 MB": (RAW + b" " * 10_000_000, "too_large"),
    "invalid UTF-8": (RAW.replace(b'"e"', b'"\xff"'), "invalid_field"),
    "a surrogate in bytes": (RAW.replace(b'"e"', b'"\xed\xa0\x80"'), "invalid_field"),
    "a lone high surrogate": (RAW.replace(b'"e"', b'"\\ud800"'), "invalid_field"),
    "a lone low surrogate": (RAW.replace(b'"e"', b'"\\udc00"'), "invalid_field"),
    "UTF-16": (RAW.decode().encode("utf-16"), "not_json"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_bytes_are_refused_with_a_reason(what: str) -> None:
    raw, reason = HOSTILE[what]
    error = refusal(raw)
    assert error.reason == reason


@pytest.mark.parametrize(
    "extra", ["[" * 499 + "]" * 499, "[" + "[]," * 600 + "0]", f'"{"[" * 600}"']
)
def test_what_no_python_finds_too_deep_is_taken(extra: str) -> None:
    taken = DECODER.decode(RAW.replace(b"{", f'{{"extra":{extra},'.encode(), 1))
    assert taken == DECODER.decode(RAW)


def test_zero_may_have_a_sign() -> None:
    sold = DECODER.decode(record(SALE, amount=-0.0))
    assert isinstance(sold, Sale)
    assert sold.amount == 0.0


def test_a_record_that_is_too_large_names_the_setting() -> None:
    assert "limits.largest_record" in refusal(b" " * 65_537).detail


def applied_or_refused(raw: bytes) -> None:
    """Apply a record to a pipeline; no error but `InvalidEvent` may leave either."""
    pipeline = Pipeline(SETTINGS)
    try:
        event: AnyEvent = DECODER.decode(raw)
    except InvalidEvent:
        return
    assert pipeline.apply(event) in (True, False)
    pipeline.advance(Seconds(event.occurred_at.timestamp() + 1e6))
    pipeline.alerts()
    pipeline.snapshot()


@given(st.binary())
def test_whatever_the_bytes_they_are_applied_or_refused(raw: bytes) -> None:
    applied_or_refused(raw)


JSON: Final = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from((SALE, CANCELLATION, ACTIVITY)), st.data())
def test_whatever_stands_in_a_field_it_is_applied_or_refused(
    event: dict[str, object], data: st.DataObject
) -> None:
    field = data.draw(st.sampled_from(sorted({*SALE, *CANCELLATION, *ACTIVITY, "sentiment"})))
    applied_or_refused(record(event, **{field: data.draw(JSON)}))


@given(st.data())
def test_whatever_byte_is_changed_it_is_applied_or_refused(data: st.DataObject) -> None:
    raw = bytearray(record(data.draw(st.sampled_from((SALE, CANCELLATION, ACTIVITY)))))
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    applied_or_refused(bytes(raw))
