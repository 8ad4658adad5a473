"""The ledger alone, over the events of files."""

from collections.abc import Iterator
from datetime import datetime

from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import OutcomeBundle
from detectors.settings import Settings
from streams.files.events import Block

_SOURCE = "events"


def ledger_bundles(
    settings: Settings, until: datetime | None, blocks: Iterator[Block]
) -> Iterator[OutcomeBundle]:
    """Run the ledger alone, over all accounts; yield what it emits, block by block."""
    decode = EventDecoder(settings.limits, identities=settings.identities).decode
    clock, ledger = EventClock(settings.time, (_SOURCE,)), Ledger(settings)
    for block in blocks:
        ledger.claims.as_arrived = block.as_arrived
        for line in block.lines:
            try:
                event = decode(line)
                if until is not None and event.occurred_at > until:
                    continue
                ledger.apply(event)
            except InvalidEvent:
                continue
            clock.observe(_SOURCE, seconds_at(event.occurred_at), event.account_id)
            ledger.advance(clock.watermark())
        yield ledger.drain().bundle
    if until is not None:
        ledger.advance(seconds_at(until))
    yield ledger.drain().bundle
