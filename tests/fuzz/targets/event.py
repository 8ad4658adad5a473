"""Records of events: scanner, decoder, router and ledger.

What the scanner recognises the decoder reads the same. What is refused stands whole in its letter.
"""

from base64 import b64decode
from typing import Final

import msgspec

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import EVENT_TYPES, AnyEvent
from detectors.ledger.stage import Ledger
from detectors.settings import Settings
from streams.wire.dead_letter import (
    WrittenLetter,
    from_file,
    from_message,
    from_topic,
    to_json,
    to_message,
)
from streams.wire.routing import LARGEST_RECORD, EventRouter
from tests.detectors.scanning.same import Readers
from tests.fuzz.mutation import of_json
from tests.fuzz.target import Target

SETTINGS: Final = Settings()
_DECODERS: Final = tuple(EventDecoder(SETTINGS.limits, kind) for kind in (None, *EVENT_TYPES))
_READERS: Final = tuple(Readers(kind) for kind in (None, *EVENT_TYPES))
_ROUTER: Final = EventRouter()


def run(record: bytes) -> None:
    """Read a record as a line of a file and as a record of each topic."""
    try:
        route = _ROUTER.route(record)
    except InvalidEvent:
        pass
    else:
        assert len(route.key) <= 4 * 256
    for readers in _READERS:
        readers.recognised([record])
    for decoder in _DECODERS:
        try:
            event = decoder.decode(record)
            _apply(event)
        except InvalidEvent as error:
            _require_whole_letters(error, record)


def _apply(event: AnyEvent) -> None:
    """Let the event alone make a ledger, twice, and time pass until it is forgotten."""
    ledger = Ledger(SETTINGS)
    at = seconds_at(event.occurred_at)
    ledger.apply(event)
    assert not ledger.apply(event), "a duplicate changed something"
    ledger.advance(Seconds(at + 400 * 86_400))
    ledger.drain()
    assert len(ledger) == 0, "an account was never forgotten"


def _require_whole_letters(error: InvalidEvent, record: bytes) -> None:
    written = msgspec.json.decode(to_json(from_file(error, "file", 1, record)), type=WrittenLetter)
    found = written.record.encode() if written.record is not None else b""
    if written.record_base64 is not None:
        found = b64decode(written.record_base64)
    assert found == record, "the letter of a line is not its bytes"
    letter = from_topic(error, "sales", 0, 7, record)
    value, headers = to_message(letter)
    read = from_message(value, headers)
    if len(record) <= LARGEST_RECORD:
        assert read == letter, "the letter of a record is not the record"
    else:
        assert (read.size, record.startswith(read.record)) == (len(record), True)


TARGET: Final = Target("event", run, of_json)
