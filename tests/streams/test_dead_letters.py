"""Dead letters keep every byte of what was refused, and say why and where from."""

import json
from base64 import b64decode

import pytest

from detectors.errors import InvalidEvent
from streams.dead_letters import from_file, from_topic, to_headers, to_json

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


def test_the_place_is_where_a_person_looks() -> None:
    assert from_file(REFUSAL, "events.jsonl", 7, b"").place() == "events.jsonl:7"
    assert from_topic(REFUSAL, "sales", 3, 41, b"").place() == "sales[3]@41"
