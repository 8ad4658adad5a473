"""What no verdict needs never refuses an event, and what one needs is never guessed."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.errors import InvalidEvent
from detectors.decoding import EventDecoder
from detectors.events.event import WIRE_TYPES, AnyEvent
from detectors.limit_settings import Limits
from detectors.pipeline import Pipeline
from detectors.reading.fields import FIELD_NAMES, FIELDS
from detectors.reading.lenient import read_head
from tests.detectors.refutation import refuted
from tests.detectors.test_decoding import ACTIVITY, CANCELLATION, SALE, record
from tests.detectors.worlds import END, SETTINGS, in_order, worlds

RAW: Final = {"sale": SALE, "cancellation": CANCELLATION, "account_activity": ACTIVITY}


def read(raw: bytes) -> tuple[AnyEvent, dict[str, str]]:
    decoder = EventDecoder(Limits())
    event = decoder.decode(raw)
    return event, {one.field: one.repair for one in decoder.repaired}


def refused(raw: bytes) -> InvalidEvent:
    with pytest.raises(InvalidEvent) as caught:
        EventDecoder(Limits()).decode(raw)
    return caught.value


@pytest.mark.parametrize(
    ("event", "field", "sent", "value", "repair"),
    [
        (SALE, "account_id", 17, "17", "read"),
        (SALE, "agent_id", 12345678901234567890123, "12345678901234567890123", "read"),
        (SALE, "agent_id", -0, "0", "read"),
        (SALE, "agent_id", "", None, "read"),
        (SALE, "product", 4, "4", "read"),
        (SALE, "customer_id", None, None, None),
        (SALE, "customer_id", [], None, "unknown"),
        (SALE, "amount", "10.5", 10.5, "read"),
        (SALE, "amount", None, None, None),
        (SALE, "amount", "10,50", None, "unknown"),
        (SALE, "amount", -5, None, "unknown"),
        (SALE, "amount", True, None, "unknown"),
        (SALE, "amount", float("nan"), None, "unknown"),
        (SALE, "amount", float("inf"), None, "unknown"),
        (SALE, "channel", "", None, "read"),
        (SALE, "channel", "web\n", None, "unknown"),
        (SALE, "channel", "x" * 257, None, "unknown"),
        (SALE, "team", 7, "7", "read"),
        (SALE, "booked_at", "2025-01-01T00:00:00", None, "unknown"),
        (SALE, "booked_at", float("nan"), None, "unknown"),
        (SALE, "email_hash", 1, "1", "read"),
        (SALE, "email_hash", float("nan"), None, "unknown"),
        (SALE, "email_hash", 1.5, None, "unknown"),
        (SALE, "interaction_reason", "cut \ud83d", None, "unknown"),
        (SALE, "interaction_reason", "two\nlines", "two\nlines", None),
        (SALE, "closing_attempts", 2.0, 2, "read"),
        (SALE, "closing_attempts", 2.5, None, "unknown"),
        (SALE, "closing_attempts", 10**30, 10**30, None),
        (SALE, "offer_refused", "False", False, "read"),
        (SALE, "offer_refused", 1, True, "read"),
        (SALE, "offer_refused", "perhaps", None, "unknown"),
        (SALE, "sentiment", 1.5, None, "unknown"),
        (SALE, "commission", -3, None, "unknown"),
        (SALE, "schema_version", "1", 1, "read"),
        (SALE, "schema_version", 1.0, 1, "read"),
        (CANCELLATION, "reason", "No Show", "no_show", "read"),
        (CANCELLATION, "reason", "NeverOrdered", "never_ordered", "read"),
        (CANCELLATION, "reason", "refund", "other", "other"),
        (CANCELLATION, "reason", None, "other", "other"),
        (CANCELLATION, "reason", 7, "other", "other"),
        (CANCELLATION, "initiated_by", "Customer", "customer", "read"),
        (CANCELLATION, "initiated_by", "bank", "unknown", "unknown"),
        (CANCELLATION, "initiated_by", None, "unknown", "unknown"),
        (CANCELLATION, "refund", -10, None, "unknown"),
        (CANCELLATION, "agent_id", "", None, "read"),
        (ACTIVITY, "kind", "LOGIN", "login", "read"),
        (ACTIVITY, "kind", "purchase", "other", "other"),
        (ACTIVITY, "amount", "12.50", 12.5, "read"),
        (ACTIVITY, "amount", -5, -5.0, None),
    ],
)
def test_a_value_is_read_exactly_or_is_unknown(
    event: Mapping[str, object], field: str, sent: object, value: object, repair: str | None
) -> None:
    found, repairs = read(record(event, **{field: sent}))
    assert getattr(found, field) == value
    assert type(getattr(found, field)) is type(value)
    assert repairs == ({} if repair is None else {field: repair})


@pytest.mark.parametrize(
    ("event", "field", "sent", "kept"),
    [
        (CANCELLATION, "reason", "Changed my mind", "Changed my mind"),
        (CANCELLATION, "reason", None, "null"),
        (CANCELLATION, "reason", 7, "7"),
        (CANCELLATION, "reason", {"code": 7}, "object"),
        (CANCELLATION, "reason", "x" * 2_000, "x" * 1_024),
        (CANCELLATION, "reason", "cut \ud83d", "cut \\ud83d"),
        (CANCELLATION, "initiated_by", "bank", "bank"),
        (CANCELLATION, "refund", "12,50", "12,50"),
        (ACTIVITY, "kind", "purchase", "purchase"),
        (ACTIVITY, "initiated_by", True, "true"),
    ],
)
def test_what_was_sent_is_kept_beside_what_stands_for_it(
    event: Mapping[str, object], field: str, sent: object, kept: str
) -> None:
    found, _ = read(record(event, **{field: sent}))
    assert getattr(found, f"{field}_as_sent") == kept


@pytest.mark.parametrize("field", ["customer_id", "amount"])
def test_what_a_sale_can_be_judged_without_may_be_missing(field: str) -> None:
    found, repairs = read(record({key: SALE[key] for key in SALE if key != field}))
    assert (getattr(found, field), repairs) == (None, {field: "unknown"})


def test_who_keyed_an_activity_unreadably_leaves_it_unclear_whose_it_was() -> None:
    found, repairs = read(record(ACTIVITY, agent_id="a\u202eb"))
    assert structs.asdict(found)["initiated_by"] == "unknown"
    assert repairs == {"agent_id": "unknown"}


@pytest.mark.parametrize(
    ("hidden", "code"),
    [
        ("\x00", "U+0000"),
        ("\n", "U+000A"),
        ("\x7f", "U+007F"),
        ("\x85", "U+0085"),
        ("\x9b", "U+009B"),
        ("\u00ad", "U+00AD"),
        ("\u061c", "U+061C"),
        ("\u200b", "U+200B"),
        ("\u200f", "U+200F"),
        ("\u2028", "U+2028"),
        ("\u202e", "U+202E"),
        ("\u2066", "U+2066"),
        ("\ufeff", "U+FEFF"),
        ("\ud800", "U+D800"),
        ("\U000e0041", "U+E0041"),
    ],
)
@pytest.mark.parametrize("is_escaped", [True, False])
def test_a_character_that_nobody_sees_refuses_an_id_by_name(
    hidden: str,
    code: str,
    is_escaped: bool,  # noqa: FBT001 # a parameter of the test
) -> None:
    for field in ("event_id", "account_id", "sale_id", "agent_id", "product"):
        text = json.dumps({**SALE, field: f"a{hidden}b"}, ensure_ascii=is_escaped)
        raw = text.encode("utf-8", "surrogatepass")
        error = refused(raw)
        assert (error.reason, error.field) == ("invalid_field", field)
        assert code in error.detail or hidden == "\ud800", error.detail


def test_latin_1_in_an_id_is_refused_and_said_to_be_that() -> None:
    error = refused(record(SALE, agent_id="Mu?oz").replace(b"?", b"\xf1"))
    assert (error.field, "0xF1" in error.detail, "UTF-8" in error.detail) == (
        "agent_id",
        True,
        True,
    )
    # In a field that nobody reads it loses the field alone.
    _, repairs = read(record(SALE, site="Logro?o").replace(b"?", b"\xf1"))
    assert repairs == {"site": "unknown"}


@pytest.mark.parametrize(
    "name",
    ["Muñoz", "张伟", "\u0645\u06cc\u200c\u062e\u0648", "👩\u200d💻", "o'Brien \\ co", "a/b"],
)
def test_the_names_of_people_are_ids(name: str) -> None:
    for in_ascii in (True, False):
        raw = json.dumps({**SALE, "agent_id": name}, ensure_ascii=in_ascii).encode()
        found, repairs = read(raw)
        assert (structs.asdict(found)["agent_id"], repairs) == (name, {})


def test_a_type_is_told_however_it_is_spelt_and_another_one_is_refused() -> None:
    assert read(record(ACTIVITY, type="AccountActivity")) == read(record(ACTIVITY))
    sales = EventDecoder(Limits(), "sale")
    assert sales.decode(record(SALE, type="SALE")) == sales.decode(record(SALE))
    assert sales.decode(record(SALE, type=None)) == sales.decode(record(SALE))
    with pytest.raises(InvalidEvent, match="the topic of 'sale'"):
        sales.decode(record(CANCELLATION, type="Cancellation"))
    assert "the nearest is `sale`" in refused(record(SALE, type="sales")).detail


def test_the_head_of_a_record_is_what_the_worker_reads() -> None:
    head = read_head(record(SALE, type="Sale", account_id=17))
    assert head is not None
    assert head[:2] == ("sale", "17")
    assert read_head(b"[]") is read_head(b"{") is None


def test_repairs_are_counted_until_the_host_clears_them() -> None:
    decoder = EventDecoder(Limits())
    for _ in range(3):
        decoder.decode(record(SALE, team=7, channel=[]))
    assert {(one.event_type, one.field, one.repair): n for one, n in decoder.repaired.items()} == {
        ("sale", "team", "read"): 3,
        ("sale", "channel", "unknown"): 3,
    }


def test_every_field_of_the_contract_is_read_by_the_table() -> None:
    for kind in WIRE_TYPES.values():
        assert [field.name for field in FIELDS[kind]] == [f.name for f in structs.fields(kind)]
    assert {"amount", "kind", "reason_as_sent"} <= set(FIELD_NAMES)


# ------------------------------------------------------------------------------------------- laws

UNREAD: Final = (
    *("booked_at", "interaction_id", "interaction_reason", "sentiment", "offer_refused"),
    *("closing_attempts", "need_identified", "recap_given", "fees_disclosed", "consent_id"),
    *("verifier_team", "verified_at", "consented_at", "contact_hash", "former_contact_hash"),
    *("verifier_id", "quoted_product", "quoted_amount", "out_of_stock", "email_hash"),
    *("phone_hash", "address_hash", "payer_hash", "commission", "fee", "counterparty_account_id"),
)
DAMAGE: Final = st.sampled_from(
    (
        b"NaN",
        b"[]",
        b"{}",
        b'""',
        b'"\\ud800"',
        b'"\xff"',
        b"-1",
        b"1e999",
        b'"a\tb"',
        b"true",
        b"9" * 99,
    )
)


def damaged(event: AnyEvent, field: str, damage: bytes) -> bytes:
    values = {"type": type(event).__struct_config__.tag, **_sent(event), field: "DAMAGE"}
    return json.dumps(values).encode().replace(b'"DAMAGE"', damage)


def _sent(event: AnyEvent) -> dict[str, Any]:
    values = {key: value for key, value in structs.asdict(event).items() if value is not None}
    return values | {"occurred_at": event.occurred_at.isoformat()}


def alerts_of(decoder: type[EventDecoder], records: Iterator[bytes]) -> list[Any]:
    pipeline, decode = Pipeline(SETTINGS), decoder(SETTINGS.limits).decode
    for raw in records:
        try:
            pipeline.apply(decode(raw))
        except InvalidEvent:
            continue
    pipeline.advance(END)
    return pipeline.alerts()


def law_9(decoder: type[EventDecoder], data: st.DataObject) -> None:
    events = in_order(data.draw(worlds(most=4)))
    whole = (damaged(event, "colour", b"0") for event in events)
    hurt = (damaged(one, data.draw(st.sampled_from(UNREAD)), data.draw(DAMAGE)) for one in events)
    assert alerts_of(decoder, hurt) == alerts_of(EventDecoder, whole)


@given(st.data())
def test_no_damage_to_a_field_that_nobody_reads_changes_an_alert(data: st.DataObject) -> None:
    law_9(EventDecoder, data)


class Strict(EventDecoder):
    """Refuses what the contract does not have, wherever it stands."""

    def _leniently(self, record: bytes, refusal: InvalidEvent) -> AnyEvent:
        del record
        raise refusal


def test_the_law_catches_a_decoder_that_refuses_what_it_does_not_need() -> None:
    assert refuted(law_9, Strict, examples=100)
