"""Bytes that are no events are told by their beginning; events never are."""

import bz2
import gzip
import io
import json
import lzma
import tarfile
import zipfile
from typing import Final

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.wire.recognising import BEGINNING, recognise
from tests.streams.hostile_corpus import APPLIED, CORPUS, sale
from tests.streams.small_centre import event_lines

EVENT: Final = sale()
DICT: Final = json.loads(EVENT)
TEXT: Final = EVENT.decode()
COLUMNS: Final = [list(DICT), [str(value) for value in DICT.values()]]


def table(separator: str, rows: int = 2, end: str = "\n") -> bytes:
    return end.join(separator.join(row) for row in COLUMNS[:rows]).encode()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("events.jsonl", EVENT)
    return file.getvalue()


def tarred() -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("events.jsonl"))
    return file.getvalue()


CERTAIN: Final = {
    "gzip": gzip.compress(EVENT),
    "zstd": zstandard.compress(EVENT),
    "bzip2": bz2.compress(EVENT),
    "xz": lzma.compress(EVENT),
    "zip": zipped(),
    "tar": tarred(),
    "Parquet": b"PAR1\x15\x04",
    "Avro file": b"Obj\x01\x04\x14avro.codec",
    "UTF-16": b"\xff\xfe" + TEXT.encode("utf-16-le"),
    "UTF-32": b"\xff\xfe\x00\x00" + TEXT.encode("utf-32-le"),
}

LIKELY: Final = {
    "commas": table(","),
    "semicolons": table(";"),
    "tabs": table("\t"),
    "columns parted by bars": table("|"),
    "parted by commas": b"\xef\xbb\xbf" + table(","),
    "CSV": table(";", end="\r"),
    "CSV (columns": table(";", rows=1),
    "by semicolons": b"a;b\n1;2\n",
    "array": b"[" + EVENT + b"]",
    "a JSON array": b"[\n  " + EVENT + b",\n",
    "over several lines": json.dumps(DICT, indent=2).encode(),
    "several JSON objects": EVENT + EVENT,
    "JSON string": json.dumps(TEXT).encode(),
    "UTF-16": TEXT.encode("utf-16-le"),
    "looks like UTF-16": TEXT.encode("utf-16-be"),
    "UTF-32": TEXT.encode("utf-32-be"),
    "schema id 7)": b"\x00\x00\x00\x00\x07" + EVENT,
    "schema id 31491)": b"\x00\x00\x00\x7b\x03\x02\x0aagent",
    "Glue": b"\x03\x00" + bytes(range(16)) + EVENT,
    "Debezium": json.dumps({"before": None, "after": DICT, "op": "c"}).encode(),
    "envelope of Debezium": json.dumps(
        {"schema": {}, "payload": {"after": DICT, "op": "c"}}
    ).encode(),
    "Kafka Connect": json.dumps({"schema": {"type": "struct"}, "payload": DICT}).encode(),
    "CloudEvents": json.dumps({"specversion": "1.0", "data": DICT}).encode(),
    "XML or HTML": b"<!DOCTYPE html><html>",
    "Python": str(DICT).encode(),
    "base64": b"eyJ0eXBlIjoic2FsZSJ9",
    "text sequence": b"\x1e" + EVENT,
    "zeros": bytes(600),
    "jq -c .payload": json.dumps({"offset": 1, "payload": DICT}).encode(),
    "comma after each object": EVENT + b",\n" + EVENT + b",\n",
    "behind something else": b"a-1\t" + EVENT + b"\na-2\t" + EVENT,
    "something else in their lines": b"2025-03-01 10:00:00,123 INFO sent " + EVENT,
    "before the brace": b"data: " + EVENT + b"\n\ndata: " + EVENT,
}


@pytest.mark.parametrize(("name", "content"), CERTAIN.items())
def test_what_can_hold_no_line_is_certain(name: str, content: bytes) -> None:
    kind = recognise(content)
    assert kind is not None
    assert kind.is_certain
    assert name in kind.sentence
    assert kind.remedy


@pytest.mark.parametrize(("name", "content"), LIKELY.items())
def test_what_looks_like_something_is_told_as_that(name: str, content: bytes) -> None:
    kind = recognise(content)
    assert kind is not None
    assert not kind.is_certain
    assert name in kind.sentence
    assert kind.remedy


def test_events_look_like_nothing_else() -> None:
    for line in event_lines()[:2_000]:
        assert recognise(line) is None
    assert recognise(b"\n".join(event_lines()[:200])) is None


def test_what_is_applied_looks_like_nothing_else() -> None:
    """And nothing that the corpus holds is so certain that it would refuse a file it begins."""
    for hostile in CORPUS:
        kind = recognise(hostile.record)
        assert kind is None or hostile.fate != APPLIED, hostile.name
    assert recognise(b"") is None


def test_a_table_with_a_column_of_json_is_a_table() -> None:
    for column in (b'"{""a"": 1}"', b'{"a": 1}'):
        kind = recognise(b"1;2;3;" + column + b"\n4;5;6;" + column)
        assert kind is not None
        assert "semicolons" in kind.sentence


def test_a_name_that_could_be_a_command_is_not_repeated() -> None:
    for name in ("a b", "$(reboot)", "\u202e", ""):
        assert recognise(json.dumps({name: DICT}).encode()) is None


@pytest.mark.parametrize("content", [b"hello", b"root:*:19000:0:99999:7:::", b"17", b"null"])
def test_nothing_is_said_of_what_is_not_known(content: bytes) -> None:
    assert recognise(content) is None


@given(st.binary(max_size=300))
@settings(max_examples=500, deadline=None)
def test_no_bytes_at_all_are_too_much(content: bytes) -> None:
    recognise(content)


@given(st.sampled_from([*CERTAIN.values(), *LIKELY.values()]), st.integers(0, 80))
@settings(max_examples=200, deadline=None)
def test_a_beginning_may_be_cut_anywhere(content: bytes, size: int) -> None:
    recognise(content[:size])


def test_only_the_beginning_counts() -> None:
    assert recognise(b" " * BEGINNING + table(",")) is None
