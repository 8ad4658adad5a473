"""Letters and receipts with a seal: what a replay may believe.

The headers of a letter decide where a replay sends its bytes, with the rights of whoever replays.
So the seal of a letter covers them too.
"""

from typing import Final

import msgspec

from streams.wire.dead_letter import DeadLetter, from_message, to_headers, to_message
from streams.wire.letter_replay import Receipt
from streams.wire.record import KafkaRecord
from streams.wire.seal import SEAL, SealCheck, check_seal, place_of, seal_of
from streams.wire.topics import Topic, topic_name

_decode_receipt: Final = msgspec.json.Decoder(Receipt).decode


def seal_letter(
    prefix: str, letter: DeadLetter, key: bytes | None
) -> tuple[bytes, list[tuple[str, bytes]]]:
    """Write a letter as value and headers of a record under `key`, the seal among them."""
    value, headers = to_message(letter)
    place = place_of(topic_name(prefix, Topic.DEAD_LETTERS))
    return value, [*headers, (SEAL, seal_of(place, key, value, headers))]


def read_letter(prefix: str, record: KafkaRecord) -> tuple[DeadLetter, bool]:
    """Return the letter in a record, and whether its seal is that of this installation."""
    letter = from_message(record.value, record.headers)
    # Headers of other names are believed in nothing, and may have been added on the way.
    believed = to_headers(letter)
    place = place_of(topic_name(prefix, Topic.DEAD_LETTERS))
    found = check_seal(place, record.key, record.value, record.headers, believed)
    return letter, found is SealCheck.RIGHT


def seal_receipt(
    prefix: str, letter_id: str, receipt: Receipt
) -> tuple[bytes, bytes, list[tuple[str, bytes]]]:
    """Write the receipt of a letter as key, value and headers of a record."""
    key, value = letter_id.encode(), msgspec.json.encode(receipt)
    place = place_of(topic_name(prefix, Topic.DEAD_LETTER_RECEIPTS))
    return key, value, [(SEAL, seal_of(place, key, value))]


def read_receipt(prefix: str, record: KafkaRecord) -> Receipt | None:
    """Return the receipt in a record; None if its seal is not that of this installation.

    An unsealed one would make a letter look replayed that nobody has sent.
    """
    place = place_of(topic_name(prefix, Topic.DEAD_LETTER_RECEIPTS))
    if check_seal(place, record.key, record.value, record.headers) is not SealCheck.RIGHT:
        return None
    return _decode_receipt(record.value or b"")
