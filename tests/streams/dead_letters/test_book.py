"""One letter a content, however often it was refused or written."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.errors import InvalidEvent
from streams.dead_letters.book import BookedLetter, LetterBook, LetterStatus, Location, find_letters
from streams.errors import LetterNotFound
from streams.wire.dead_letter import from_file
from streams.wire.letter_replay import Receipt
from streams.wire.seal import SEAL, VERSION
from tests.streams.dead_letters.stored_letters import (
    REFUSAL,
    Stored,
    booked,
    letter_record,
    receipt_record,
    refused,
)

RECORDS = (None, b"", b"null", b"\xff\xfe", "caf\u00e9".encode())

refusals = st.builds(
    refused,
    st.sampled_from(RECORDS),
    st.integers(0, 5),
    topic=st.sampled_from(["sales", "cancellations"]),
    partition=st.integers(0, 1),
)
logs = st.lists(st.tuples(refusals, st.sampled_from([None, b"", b"a-1"])), max_size=20).map(
    lambda log: [
        letter_record(letter, key, offset=offset, timestamp=offset // 3)
        for offset, (letter, key) in enumerate(log)
    ]
)


@given(logs, st.data())
def test_order_and_repeats_of_the_records_change_nothing(
    log: list[Stored], data: st.DataObject
) -> None:
    repeats = data.draw(st.lists(st.sampled_from(log), max_size=5)) if log else []
    shuffled = data.draw(st.permutations([*log, *repeats]))
    assert booked(*shuffled) == booked(*log)


@given(logs)
def test_letters_are_one_a_content_with_all_places_of_it(log: list[Stored]) -> None:
    def content(record: Stored) -> tuple[object, ...]:
        headers = dict(record.headers)
        return record.value, "null" in headers, record.key, headers["source"]

    locations: dict[tuple[object, ...], set[Location]] = {}
    for record in log:
        headers = dict(record.headers)
        place = Location(int(headers["partition"] or b""), int(headers["offset"] or b""))
        locations.setdefault(content(record), set()).add(place)
    letters = booked(*log)
    assert sorted(map(sorted, locations.values())) == sorted(
        sorted(letter.locations) for letter in letters
    )


def test_the_newest_refusal_gives_the_reason() -> None:
    old = refused(b"x", 1)
    new = refused(b"x", 2, error=InvalidEvent("not_json", "malformed"))
    (letter,) = booked(
        letter_record(new, offset=9, timestamp=9), letter_record(old, offset=3, timestamp=3)
    )
    assert (letter.latest.reason, letter.latest.offset) == ("not_json", 2)
    assert letter.first_at == 3


def test_the_lines_of_a_file_and_a_topic_of_the_same_name_are_not_one() -> None:
    letters = booked(
        letter_record(from_file(REFUSAL, "sales", 1, b"x"), None),
        letter_record(refused(b"x", 1), None),
    )
    assert len(letters) == 2


def _with_receipts(record: Stored, *receipts: Receipt) -> BookedLetter:
    book = LetterBook()
    book.add(record)
    (letter,) = book.letters()
    for number, receipt in enumerate(receipts):
        book.acknowledge(receipt_record(letter.letter_id, receipt, number))
    (letter,) = book.letters()
    return letter


def test_a_letter_waits_is_replayed_or_is_refused_again() -> None:
    record = letter_record(refused(b"x", 17))
    assert _with_receipts(record).status is LetterStatus.WAITING
    elsewhere, there = Receipt("sales", 0, 40), Receipt("sales", 0, 17)
    assert _with_receipts(record, elsewhere).status is LetterStatus.REPLAYED
    assert _with_receipts(record, elsewhere, there).status is LetterStatus.REFUSED_AGAIN
    assert _with_receipts(record, there, elsewhere).status is LetterStatus.REPLAYED


@pytest.mark.parametrize("value", [None, b"", b"{}", b"\xff", b'{"topic":1}'])
def test_what_is_no_receipt_is_left_out(value: bytes | None) -> None:
    book = LetterBook()
    book.add(letter_record(refused(b"x")))
    (letter,) = book.letters()
    book.acknowledge(Stored(value, letter.letter_id.encode()))
    assert book.letters()[0].status is LetterStatus.WAITING


def test_a_receipt_without_our_seal_is_none() -> None:
    record = letter_record(refused(b"x"))
    (letter,) = booked(record)
    ours = receipt_record(letter.letter_id, Receipt("sales", 0, 40))
    for headers in ([], [(SEAL, VERSION + b":" + b"0" * 32)]):
        book = LetterBook()
        book.add(record)
        book.acknowledge(replace(ours, headers=headers))
        assert book.letters()[0].status is LetterStatus.WAITING
    book = LetterBook("other-")
    book.add(record)
    book.acknowledge(ours)
    assert book.letters()[0].status is LetterStatus.WAITING


def test_a_tombstone_takes_a_receipt_back_as_compaction_will() -> None:
    record = letter_record(refused(b"x"))
    (letter,) = booked(record)
    book = LetterBook()
    book.add(record)
    book.acknowledge(receipt_record(letter.letter_id, Receipt("sales", 0, 40), 0))
    assert book.letters()[0].status is LetterStatus.REPLAYED
    book.acknowledge(Stored(None, letter.letter_id.encode(), offset=1))
    assert book.letters()[0].status is LetterStatus.WAITING


@given(st.permutations(range(4)))
def test_a_letter_without_our_seal_says_nothing_more_of_one_that_has_it(order: list[int]) -> None:
    ours = letter_record(refused(b"x", 17), timestamp=5)
    named_elsewhere = letter_record(refused(b"x", 99, partition=1), offset=9, timestamp=9)
    records = [
        ours,
        letter_record(refused(b"x", 18), offset=1, timestamp=6),
        replace(named_elsewhere, headers=[*named_elsewhere.headers[:-1]]),
        replace(named_elsewhere, headers=[*named_elsewhere.headers[:-1], ours.headers[-1]]),
    ]
    (letter,) = booked(*(records[number] for number in order))
    assert letter.sealed
    assert (letter.latest.partition, letter.latest.offset, letter.first_at) == (0, 18, 5)
    assert letter.locations == {(0, 17), (0, 18)}


def test_letters_are_found_by_the_beginning_of_their_ids() -> None:
    letters = booked(*(letter_record(refused(b"%d" % number)) for number in range(300)))
    for letter in letters:
        assert find_letters(letters, [letter.letter_id, letter.letter_id[:16]]) == [letter]
    twin = BookedLetter(
        letter_id=f"{letters[0].letter_id[:8]}0000",
        latest=letters[0].latest,
        kept=0,
        key=None,
        first_at=0,
        latest_at=(0, 0, 0),
        locations=set(),
    )
    with pytest.raises(LetterNotFound, match="2 dead letters"):
        find_letters([*letters, twin], [letters[0].letter_id[:8]])
    with pytest.raises(LetterNotFound, match="no dead letter"):
        find_letters(letters[:1], ["0" * 24])
    for short in ("", "abc", "xyzxyz", "ABCDEF"):
        with pytest.raises(LetterNotFound, match="no id"):
            find_letters(letters, [short])
