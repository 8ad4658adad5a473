"""The decisions in the read model, as the keeper of cases takes them."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, NamedTuple

import msgspec

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.cases.reading import DecisionDecoder, require_past
from detectors.events.decision import Decision
from detectors.settings import Settings

Asking = Callable[[str], Iterable[tuple[Any, ...]] | sqlite3.Cursor]
"""Answers a query, as `ReadModel.ask` does."""

IN_ORDER: Final = """
SELECT learned_at, record FROM (
    SELECT partition, offset, learned_at, record,
        max(learned_at) OVER (PARTITION BY partition ORDER BY offset) AS told_at
    FROM decisions)
ORDER BY told_at, partition, offset"""
"""Those of a partition in the order of their log, whatever the clocks of the brokers said."""

_MICROSECONDS: Final = 1e6


class Decided(NamedTuple):
    """A decision, and the line that holds it."""

    decision: Decision
    line: bytes


def decisions_in(ask: Asking, settings: Settings) -> Iterator[Decided]:
    """Yield the decisions that the keeper of cases takes, those of a case in the order of the log.

    What it cannot read, or what came before it was taken, is a dead letter, and no decision.
    """
    decode = DecisionDecoder(settings.limits).decode
    tolerance = seconds_of(settings.time.tolerance)
    for learned_at, record in ask(IN_ORDER):
        try:
            decision = decode(record)
            require_past(decision, Seconds(learned_at / _MICROSECONDS), tolerance)
        except InvalidEvent:
            continue
        yield Decided(decision, _in_one_line(record))


def _in_one_line(record: bytes) -> bytes:
    """Return a record as it stands, but for line breaks between its fields."""
    if b"\n" in record or b"\r" in record:
        record = msgspec.json.format(record, indent=-1)
    return record + b"\n"
