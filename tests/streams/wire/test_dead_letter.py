"""Dead letters keep every byte of what was refused, and say why and where from."""

import json
import os
from base64 import b64decode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import InvalidEvent
from streams.wire.dead_letter import (
    FOREIGN,
    KEPT_OF_TOO_LARGE,
    DeadLetter,
    from_file,
    from_message,
    from_topic,
    to_headers,
    to_json,
    to_message,
)
from streams.wire.routing import LARGEST_RECORD

REFUSAL = InvalidEvent("invalid_field", "Expected `str`, got `int` - at `$.account_id`")


@pytest.mark.parametrize("record", [b'{"a":1}', "caf\u00e9 \u2028".encode(), b"", b"\x00"])
def test_a_record_of_text_stays_readable(record: bytes) -> None:
    written = to_json(from_file(REFUSAL, "events.jsonl", 7, record))
    assert b"\n" not in written
    assert json.loads(written) == {
        "reason": "invalid_field",
        "detail": "Expected `str`, got `int` - at `$.account_id`",
        "source": "events.jsonl",
        "line": 7,
        "record": record.decode(),
    }


@pytest.mark.parametrize("record", [b"\xff\xfe", b"caf\xe9", bytes(range(256))])
def test_other_bytes_travel_in_base64(record: bytes) -> None:
    letter = json.loads(to_json(from_topic(REFUSAL, "sales", 3, 41, record)))
    assert b64decode(letter["record_base64"], validate=True) == record
    assert "record" not in letter
    assert (letter["source"], letter["partition"], letter["offset"]) == ("sales", 3, 41)


def test_headers_carry_all_but_the_record() -> None:
    assert to_headers(from_topic(REFUSAL, "sales", 0, 41, b"\xff")) == [
        ("reason", b"invalid_field"),
        ("detail", b"Expected `str`, got `int` - at `$.account_id`"),
        ("source", b"sales"),
        ("partition", b"0"),
        ("offset", b"41"),
    ]


numbers = st.integers(0, 2**40)
names = st.text(st.characters(codec="utf-8"), max_size=20)
letters = st.one_of(
    st.builds(from_topic, st.just(REFUSAL), names, numbers, numbers, st.none() | st.binary()),
    st.builds(from_file, st.just(REFUSAL), names, numbers, st.binary()),
)


@given(letters)
def test_a_letter_is_read_as_it_was_written(letter: DeadLetter) -> None:
    assert from_message(*to_message(letter)) == letter


def test_no_value_and_an_empty_one_are_told_apart() -> None:
    nothing = from_message(*to_message(from_topic(REFUSAL, "sales", 0, 41, None)))
    empty = from_message(*to_message(from_topic(REFUSAL, "sales", 0, 41, b"")))
    assert (nothing.null, empty.null) == (True, False)
    assert nothing.record == empty.record == b""


def test_a_record_that_is_too_large_for_a_message_leaves_its_beginning_and_its_size() -> None:
    fits = b"x" * LARGEST_RECORD
    whole = from_message(*to_message(from_topic(REFUSAL, "sales", 0, 41, fits)))
    assert (whole.record, whole.size) == (fits, None)
    cut = from_message(*to_message(from_topic(REFUSAL, "sales", 0, 41, fits + b"y")))
    assert (cut.record, cut.size) == (fits[:KEPT_OF_TOO_LARGE], LARGEST_RECORD + 1)


def test_the_path_of_a_file_that_is_no_text_is_written_as_an_escape() -> None:
    letter = from_file(REFUSAL, os.fsdecode(b"caf\xe9.jsonl"), 7, b"")
    assert from_message(*to_message(letter)).source == "caf\\udce9.jsonl"


@given(
    st.none() | st.binary(),
    st.lists(
        st.tuples(
            st.sampled_from(["reason", "detail", "source", "line", "partition", "offset", "size"])
            | st.text(),
            st.none() | st.binary(),
        )
    ),
)
def test_any_record_can_be_read_as_a_letter(
    value: bytes | None, headers: list[tuple[str, bytes | None]]
) -> None:
    letter = from_message(value, headers)
    assert letter.record == (value or b"")
    assert msgspec.json.decode(to_json(letter))["reason"] == letter.reason


def test_a_record_without_the_headers_of_a_letter_is_foreign() -> None:
    headers = to_headers(from_topic(REFUSAL, "sales", 0, 41, b""))
    assert from_message(b"x", headers).reason == "invalid_field"
    for missing in ("reason", "detail", "source"):
        some = [header for header in headers if header[0] != missing]
        assert from_message(b"x", some).reason == FOREIGN
    for number in (b"last", b"-1", b"9" * 30, b"9" * 5_000):
        assert from_message(b"x", [*headers, ("offset", number)]).reason == FOREIGN


def test_the_place_is_where_a_person_looks() -> None:
    assert from_file(REFUSAL, "events.jsonl", 7, b"").location() == "events.jsonl:7"
    assert from_topic(REFUSAL, "sales", 3, 41, b"").location() == "sales[3]@41"
