"""Outcomes as every host must tell them: what is expected, and what records of them say."""

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from bench.engines.world import EventRecord
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.ledger.clock import EventClock
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.settings import Settings
from streams.wire.topics import EVENT_TOPICS

_BATCH: Final = 1_000


class Told(NamedTuple):
    """A verdict on a sale; `matured_at` is in milliseconds of event time."""

    pattern: str
    sale_id: str
    verdict: int
    matured_at: int


class _Json(Struct):
    """An outcome as the hosts in Java write it."""

    pattern: str
    sale_id: str
    verdict: int
    matured_at: int


Reader = Callable[[bytes], list[Told]]
"""What a record of a topic of outcomes says."""


def expected(records: Iterable[EventRecord], partitions: int) -> frozenset[Told]:
    """Return the outcomes that our ledger finds in the records of so many partitions.

    Raises
    ------
    ValueError
        If an event is late, so that an outcome may be corrected: the other hosts cannot do that.
    """
    settings = Settings()
    decoders = {
        topic: EventDecoder(settings.limits, kind).decode for topic, kind in EVENT_TOPICS.items()
    }
    ledgers = [Ledger(settings, number) for number in range(partitions)]
    clocks = [EventClock(settings.time, list(EVENT_TOPICS)) for _ in range(partitions)]
    outcomes: list[Outcome] = []

    def drain(partition: int) -> None:
        ledger = ledgers[partition]
        ledger.advance(clocks[partition].watermark())
        outcomes.extend(ledger.drain().bundle.outcomes)

    for number, record in enumerate(records, start=1):
        event = decoders[record.topic](record.value)
        at = seconds_at(event.occurred_at)
        clock = clocks[record.partition]
        if at < clock.watermark():
            raise ValueError(f"the world is not in order: {event.event_id} is late")
        ledgers[record.partition].merge(event, at)
        clock.observe(record.topic, at, event.account_id)
        if number % _BATCH == 0:
            drain(record.partition)
    for partition in range(partitions):
        drain(partition)
    return frozenset(map(told_of, outcomes))


def told_of(outcome: Outcome) -> Told:
    """Return an outcome as it is compared."""
    matured_at = round(1_000 * outcome.matured_at)
    return Told(outcome.pattern, outcome.sale_id, int(outcome.verdict), matured_at)


def in_bundle(value: bytes) -> list[Told]:
    """Read a record of our worker."""
    bundle = msgspec.msgpack.decode(value, type=OutcomeBundle)
    return [told_of(outcome) for outcome in bundle.outcomes]


def in_json(value: bytes) -> list[Told]:
    """Read a record of a host in Java."""
    told = msgspec.json.decode(value, type=_Json)
    return [Told(told.pattern, told.sale_id, told.verdict, told.matured_at)]


def fault(told: Iterable[Told], wanted: frozenset[Told]) -> str | None:
    """Return what is wrong with the outcomes that were told, None if they are those wanted."""
    listed = list(told)
    found = frozenset(listed)
    missing, wrong, again = len(wanted - found), len(found - wanted), len(listed) - len(found)
    if not missing and not wrong and not again:
        return None
    return (
        f"of {len(wanted):,} outcomes {missing:,} are missing, {wrong:,} are wrong, and {again:,} "
        "were told again"
    )
