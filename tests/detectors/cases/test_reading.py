"""Bytes to decisions: what can be read, and what is refused with its reason."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import InvalidEvent
from detectors.cases.reading import DecisionDecoder
from detectors.limit_settings import Limits
from tests.detectors.cases.lives import Life, lives
from tests.detectors.cases.people import decide

decode = DecisionDecoder(Limits()).decode
NOTE = msgspec.to_builtins(decide("note", 1, words="One line,\nand another."))


@given(life=lives())
def test_every_decision_is_read_as_it_was_written(life: Life) -> None:
    for decision in life.decisions:
        assert decode(msgspec.json.encode(decision)) == decision


@pytest.mark.parametrize(
    ("change", "reason", "word"),
    [
        ({"kind": "close"}, "invalid_field", "kind"),
        ({"who": ""}, "invalid_field", "who"),
        ({"who": "an\u200bn"}, "invalid_field", "U+200B"),
        ({"words": "\x1b[2J"}, "invalid_field", "U+001B"),
        ({"seen": {}}, "invalid_field", "seen"),
        ({"seen": {"alert\u202e-1": 1}}, "invalid_field", "U+202E"),
        ({"seen": {"alert-1": 0}}, "invalid_field", "seen"),
        ({"role": "boss"}, "invalid_field", "role"),
        ({"occurred_at": "2025-03-01T00:00:00"}, "invalid_field", "occurred_at"),
        ({"occurred_at": "1970-03-01T00:00:00Z"}, "impossible_time", "occurred_at"),
        ({"words": "x" * 4_097}, "invalid_field", "words"),
    ],
)
def test_what_cannot_be_read_is_refused(change: dict[str, object], reason: str, word: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        decode(msgspec.json.encode(NOTE | change))
    assert refused.value.reason == reason
    assert word in refused.value.detail


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"", "not_json"),
        (b"\xff", "not_json"),
        (b"[" * 60_000, "invalid_field"),
        (b'{"kind":"note","more":' + b"[" * 60_000, "not_json"),
        (b"x" * 65_537, "too_large"),
    ],
)
def test_bytes_that_hold_no_decision_are_refused(record: bytes, reason: str) -> None:
    with pytest.raises(InvalidEvent) as refused:
        decode(record)
    assert refused.value.reason == reason


@given(record=st.binary(max_size=200))
def test_no_other_error_leaves_it(record: bytes) -> None:
    with pytest.raises(InvalidEvent):
        decode(record)
