"""A topic whose records are mostly refused is complained of, until they are read again."""

from detectors.basis.errors import InvalidEvent
from streams.stages.actors.refused_share import RefusedShare

ERROR = InvalidEvent("not_json", "malformed\x1b")


def batch(share: RefusedShare, refused: int, of: int, record: bytes | None = b"{") -> str | None:
    for _ in range(refused):
        share.refuse(ERROR, record)
    share.read(of)
    return share.complaint


def test_a_hundred_records_are_waited_for() -> None:
    share = RefusedShare()
    assert batch(share, 99, 99) is None
    assert batch(share, 1, 1) is not None


def test_more_than_half_is_too_much() -> None:
    assert batch(RefusedShare(), 50, 100) is None
    assert batch(RefusedShare(), 51, 100) is not None


def test_it_says_how_many_and_what_they_look_like() -> None:
    framed = batch(RefusedShare(), 1_000, 1_000, b"\x00\x00\x00\x00\x07{}")
    assert framed is not None
    assert framed.startswith("refuses 1,000 of the last 1,000 records, the first of which looks li")
    assert "schema id 7" in framed
    other = batch(RefusedShare(), 100, 100)
    assert other is not None
    assert other.endswith("the first of which is not_json: malformed\ufffd")
    assert batch(RefusedShare(), 100, 100, None) == other


def test_a_source_that_was_repaired_is_believed_again() -> None:
    share = RefusedShare()
    assert batch(share, 100, 100) is not None
    assert batch(share, 0, 99) is not None
    assert batch(share, 0, 1) is None
