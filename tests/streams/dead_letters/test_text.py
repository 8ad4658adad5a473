"""What people read of dead letters is whole, and cannot command their terminal."""

import json
from base64 import b64decode

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import InvalidEvent
from streams.dead_letters.text import letter_lines, list_lines, raw_remark, to_json_line, totals
from streams.wire.dead_letter import from_file, from_message
from streams.wire.routing import LARGEST_RECORD
from tests.streams.dead_letters.stored_letters import (
    REFUSAL,
    Stored,
    booked,
    letter_record,
    refused,
)
from tests.streams.hostile_corpus import CORPUS, TEN_MEGABYTES


def _shown(record: Stored) -> list[str]:
    (letter,) = booked(record)
    return list(letter_lines(letter, from_message(record.value, record.headers)))


records = (
    st.none()
    | st.binary(max_size=100)
    | st.text(max_size=50).map(lambda text: text.encode(errors="replace"))
)


@given(records, st.none() | st.binary(max_size=20), st.text(max_size=20))
def test_nothing_shown_can_command_a_terminal(
    record: bytes | None, key: bytes | None, detail: str
) -> None:
    stored = letter_record(refused(record, error=InvalidEvent("not_json", detail)), key)
    for line in (*_shown(stored), *list_lines(booked(stored)), totals(booked(stored))):
        assert line.replace("\t", " ").isprintable()


@given(st.binary(max_size=100))
def test_every_byte_of_a_record_is_shown(record: bytes) -> None:
    lines = _shown(letter_record(refused(record)))
    start = next(number for number, line in enumerate(lines) if line.startswith("record"))
    if lines[start].endswith("not all of it text"):
        shown = b"".join(bytes.fromhex(line[10:57]) for line in lines[start + 1 :])
    else:
        shown = "\n".join(lines[start + 1 :]).encode()
    assert shown == record


def test_a_letter_is_shown_with_everything_there_is() -> None:
    assert _shown(letter_record(refused('{"caf\u00e9": 1}'.encode(), 17))) == [
        "letter   74d489976b05f7cf1c5db474",
        "status   waiting",
        "reason   invalid_field",
        "detail   Expected `str`, got `int` - at `$.account_id`",
        "refused  once: sales[0]@17",
        'key      "a-1"',
        "record   12 bytes",
        '{"caf\u00e9": 1}',
    ]
    assert _shown(letter_record(refused(None), b"\xff"))[-2:] == [
        "key      hexadecimal ff",
        "record   none: the record has no value (a tombstone)",
    ]
    assert _shown(letter_record(refused(b"\x1b[2Jabc"), None))[-3:] == [
        "key      none",
        "record   7 bytes, not all of it text",
        "00000000  1b 5b 32 4a 61 62 63                             .[2Jabc",
    ]
    cut = _shown(letter_record(refused(b"x" * (LARGEST_RECORD + 1))))
    assert cut[6] == "record   the first 65,536 of 1,000,001 bytes, the rest was not kept"


def test_many_places_are_counted_and_some_are_named() -> None:
    many = [letter_record(refused(b"x", offset), offset=offset) for offset in range(1_013)]
    (letter,) = booked(*many)
    line = list(letter_lines(letter, refused(b"x")))[4]
    assert line.startswith("refused  1,013 times: sales[0]@0, sales[0]@1, ")
    assert line.endswith("sales[0]@9 and 1,003 more")
    file_letter = letter_record(from_file(REFUSAL, "events.jsonl", 7, b"x"), None)
    assert _shown(file_letter)[4] == "refused  once: events.jsonl:7"


def test_the_list_is_a_table_with_totals() -> None:
    letters = booked(
        letter_record(refused(b"first", 1), timestamp=1),
        letter_record(
            refused(b"y" * 2_000, 2, error=InvalidEvent("not_json", "malformed")), timestamp=2
        ),
        letter_record(refused(None, 3), timestamp=3),
    )
    heading, first, second, third = list_lines(letters)
    assert heading.split()[:3] == ["letter", "status", "reason"]
    assert first.endswith("| first")
    assert second.split()[1:6] == ["waiting", "not_json", "sales[0]@2", "1", "2,000"]
    assert second.endswith("y...")
    assert third.endswith("(no value)")
    assert totals(letters) == "3 letters: 2 invalid_field, 1 not_json; 3 waiting"
    assert totals(letters[:1]) == "1 letter: 1 invalid_field; 1 waiting"
    assert totals([]) == "no letters"


def test_as_json_a_letter_keeps_every_byte() -> None:
    for case in CORPUS:
        if len(case.record) >= TEN_MEGABYTES:
            continue
        stored = letter_record(refused(case.record, 5), b"\xffkey")
        (letter,) = booked(stored)
        told = json.loads(to_json_line(letter, from_message(stored.value, stored.headers)))
        record = told.get("record")
        kept = b64decode(told["record_base64"]) if record is None else record.encode()
        assert kept == case.record
        assert b64decode(told["key_base64"]) == b"\xffkey"
        assert (told["source"], told["partition"], told["offset"]) == ("sales", 0, 5)
        assert (told["refusals"], told["bytes"]) == (1, len(case.record))


def test_what_a_raw_file_does_not_tell_is_remarked() -> None:
    def remark(record: bytes | None) -> str:
        stored = letter_record(refused(record))
        (letter,) = booked(stored)
        return raw_remark(letter, from_message(stored.value, stored.headers))

    assert remark(b"{}") == ""
    assert "no value" in remark(None)
    assert "line breaks" in remark(b"{\n}")
    assert "only the beginning" in remark(b"x" * (LARGEST_RECORD + 1))
