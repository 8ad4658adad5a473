"""Dead letters as a Kafka client gives them, in memory."""

from collections.abc import Sequence
from dataclasses import dataclass

from detectors.basis.errors import InvalidEvent
from streams.dead_letters.book import BookedLetter, LetterBook
from streams.wire.dead_letter import DeadLetter, from_topic
from streams.wire.letter_replay import Receipt
from streams.wire.sealed_letter import seal_letter, seal_receipt

REFUSAL = InvalidEvent("invalid_field", "Expected `str`, got `int` - at `$.account_id`")


@dataclass(frozen=True)
class Stored:
    """A record as a Kafka client gives it."""

    value: bytes | None
    key: bytes | None = None
    headers: Sequence[tuple[str, bytes | None]] = ()
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    timestamp_type: int = 1


def letter_record(
    letter: DeadLetter,
    key: bytes | None = b"a-1",
    *,
    partition: int = 0,
    offset: int = 0,
    timestamp: int = 0,
) -> Stored:
    value, headers = seal_letter("", letter, key)
    return Stored(value, key, [*headers], partition, offset, timestamp)


def refused(
    record: bytes | None,
    offset: int = 0,
    *,
    topic: str = "sales",
    partition: int = 0,
    error: InvalidEvent = REFUSAL,
) -> DeadLetter:
    return from_topic(error, topic, partition, offset, record)


def receipt_record(letter_id: str, receipt: Receipt, offset: int = 0) -> Stored:
    key, value, headers = seal_receipt("", letter_id, receipt)
    return Stored(value, key, [*headers], offset=offset)


def booked(*records: Stored) -> list[BookedLetter]:
    book = LetterBook()
    for record in records:
        book.add(record)
    return book.letters()
