"""What holds an id, and what only looks like it."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.erasure.needle import Needle
from tests.streams.erasure.memory_logs import Stored

ids = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S")), min_size=1, max_size=9)


def record(
    key: bytes | None = None,
    value: bytes | None = None,
    headers: list[tuple[str, bytes]] | None = None,
) -> Stored:
    return Stored(0, 0, 0, key, value, headers or [])


@given(account_id=ids, escaped=st.booleans())
def test_an_id_is_found_however_it_is_written(*, account_id: str, escaped: bool) -> None:
    needle = Needle(account_id)
    event = {"type": "sale", "account_id": account_id, "amount": 1.5}
    as_json = json.dumps(event, ensure_ascii=escaped).encode()
    assert needle.in_record(record(value=as_json))
    assert needle.in_record(record(key=account_id.encode()))
    packed = msgspec.msgpack.encode([3, {"a": [account_id]}])
    assert needle.in_packed(packed)
    assert needle.in_packed(msgspec.msgpack.encode({"rest": packed}))


@pytest.mark.parametrize(
    "value",
    [
        b'{"account_id": "a-12"}',
        b'{"account_id": "ba-1"}',
        b'{"account_id": "a-1-b"}',
        b"",
        b"a_a-1",
    ],
)
def test_an_id_inside_another_one_is_another(value: bytes) -> None:
    assert not Needle("a-1").in_record(record(value=value))


@pytest.mark.parametrize(
    "found",
    [
        record(value=b"sale;a-1;12,50"),
        record(value=b"\xff\xfe a-1 \xff"),
        record(value=b'{"account_id": "\\u0061-1"}'),
        record(value=b'{"summary": "Account a-1 (card) was ..."}'),
        record(value=b'{"record": "{\\"account_id\\": \\"a-1\\"}"}'),
        record(value='{"account_id": "a-1"}'.encode("utf-16")),
        record(value='{"account_id": "a-1"}'.encode("utf-32-be")),
        record(headers=[("ce_subject", b"account/a-1")]),
        record(headers=[("ce_subject", b"account/%61-1")]),
        record(headers=[("detail", b'unknown account "a-1"')]),
    ],
)
def test_it_is_found_anywhere_in_a_record(found: Stored) -> None:
    assert Needle("a-1").in_record(found)


def test_the_place_in_a_letter_is_no_id() -> None:
    assert not Needle("42").in_record(record(headers=[("offset", b"42"), ("partition", b"42")]))
