"""Counts that the pages about the whole rest on, kept while records come in.

Who has sold where and when, when which events came, how many records were refused and why, when a
worker was last heard: none of it is asked of a million events again. Decisions stand here as they
came.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, get_args

import msgspec
from msgspec import Struct

from detectors.basis.errors import InvalidEvent
from detectors.events.event import Moment
from streams.desk.model.intake import Told
from streams.stages.set_aside import Reason
from streams.wire.dead_letter import FOREIGN, LEFT_OUT, UNDELIVERED, from_message
from streams.wire.topics import EVENT_TOPICS, Topic

NOT_AWAITED: Final = (Topic.DEAD_LETTERS, Topic.INSTALLATION)
"""What is counted, and needs not be complete before a page is shown."""

BESIDE: Final = frozenset({Topic.DECISIONS, *NOT_AWAITED})
"""What is read beside alerts, cases and events."""

BEAT: Final = b"beat/"
"""How the keys of the records begin by which workers tell that they live."""

TALLIES: Final = """
CREATE TABLE heard (
    topic TEXT NOT NULL, site TEXT NOT NULL, hour INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (topic, site, hour)
) WITHOUT ROWID;
CREATE TABLE arrived (
    topic TEXT PRIMARY KEY, learned_at INTEGER NOT NULL, number INTEGER NOT NULL,
    ahead INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE sold (
    agent_id TEXT NOT NULL, month INTEGER NOT NULL, site TEXT NOT NULL, team TEXT NOT NULL,
    product TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (agent_id, month, site, team, product)
) WITHOUT ROWID;
CREATE TABLE letters (
    reason TEXT NOT NULL, source TEXT NOT NULL, day INTEGER NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (reason, source, day)
) WITHOUT ROWID;
CREATE TABLE beats (key BLOB PRIMARY KEY, learned_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE decisions (
    partition INTEGER NOT NULL, offset INTEGER NOT NULL, learned_at INTEGER NOT NULL,
    record BLOB NOT NULL, PRIMARY KEY (partition, offset)
) WITHOUT ROWID;
"""
"""Their tables: hours and days since 1970, months since the year 0, an empty text for unknown."""

REASONS: Final = frozenset(
    {*InvalidEvent.REASONS, *get_args(Reason), UNDELIVERED, LEFT_OUT, FOREIGN}
)
"""All that a letter may say; what another program writes counts as `FOREIGN`."""

MONTHS_OF_A_YEAR: Final = 12
MILLISECONDS_OF_A_DAY: Final = 86_400_000
_MILLISECONDS_OF_AN_HOUR: Final = 3_600_000
_AHEAD: Final = timedelta(days=1)
"""An event that is dated so long after its own arrival says nothing of when it happened."""

_HEARD: Final = """
INSERT INTO heard VALUES (?,?,?,?)
ON CONFLICT DO UPDATE SET number = number + excluded.number"""
_ARRIVED: Final = """
INSERT INTO arrived VALUES (?,?,?,?) ON CONFLICT DO UPDATE SET
    learned_at = max(learned_at, excluded.learned_at), number = number + excluded.number,
    ahead = ahead + excluded.ahead"""
_SOLD: Final = """
INSERT INTO sold VALUES (?,?,?,?,?,?)
ON CONFLICT DO UPDATE SET number = number + excluded.number"""
_LETTER: Final = """
INSERT INTO letters VALUES (?,?,?,1) ON CONFLICT DO UPDATE SET number = number + 1"""
_BEAT: Final = """
INSERT INTO beats VALUES (?,?)
ON CONFLICT DO UPDATE SET learned_at = max(learned_at, excluded.learned_at)"""
_DECISION: Final = "INSERT OR IGNORE INTO decisions VALUES (?,?,?,?)"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


class _Happened(Struct, frozen=True):
    """What counts of an event; a site of another type than text is one that nobody knows."""

    occurred_at: Moment | None = None
    agent_id: object = None
    site: object = None
    team: object = None
    product: object = None


_happened: Final = msgspec.json.Decoder(_Happened).decode
_NOT_READABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
_NOTHING: Final = _Happened()


class Tallies:
    """Counts over a connection whose transactions are another's matter."""

    def __init__(self, writer: sqlite3.Connection) -> None:
        self._writer: Final = writer

    def take(self, records: Iterable[Told]) -> None:
        """Count what is counted of records, and pass over the rest."""
        events = []
        for one in records:
            if one.topic in EVENT_TOPICS:
                events.append(one)
            elif one.topic in BESIDE:
                self._beside(one)
        self._events(events)

    def _events(self, records: Iterable[Told]) -> None:
        heard: Counter[tuple[str, str, int]] = Counter()
        sold: Counter[tuple[str, int, str, str, str]] = Counter()
        arrived: dict[str, list[int]] = {}
        for one in records:
            event = _event_in(one.value)
            topic = one.topic.value
            came = arrived.setdefault(topic, [0, 0, 0])
            came[0] = max(came[0], one.milliseconds)
            came[1] += 1
            at = event.occurred_at
            if at is None:
                continue
            if one.milliseconds and at - _AHEAD > _EPOCH + timedelta(milliseconds=one.milliseconds):
                came[2] += 1
                continue
            site, agent = _text(event.site), _text(event.agent_id)
            heard[topic, site, (at - _EPOCH) // _HOUR] += 1
            if one.topic is Topic.SALES and agent:
                day = at.astimezone(UTC)
                month = day.year * MONTHS_OF_A_YEAR + day.month - 1
                sold[agent, month, site, _text(event.team), _text(event.product)] += 1
        write = self._writer.executemany
        write(_HEARD, [(*key, number) for key, number in heard.items()])
        write(_SOLD, [(*key, number) for key, number in sold.items()])
        write(_ARRIVED, [(topic, 1_000 * came[0], *came[1:]) for topic, came in arrived.items()])

    def _beside(self, one: Told) -> None:
        if one.topic is Topic.DEAD_LETTERS:
            letter = from_message(one.value, one.headers)
            known = letter.reason in REASONS and letter.source in _SOURCES
            said = (letter.reason, letter.source) if known else (FOREIGN, "")
            self._writer.execute(_LETTER, (*said, one.milliseconds // MILLISECONDS_OF_A_DAY))
        elif one.value is None:
            return
        elif one.topic is Topic.DECISIONS:
            place = (one.partition, one.offset, 1_000 * one.milliseconds)
            self._writer.execute(_DECISION, (*place, one.value))
        elif (one.key or b"").startswith(BEAT):
            self._writer.execute(_BEAT, (one.key, 1_000 * one.milliseconds))


_SOURCES: Final = frozenset(topic.value for topic in Topic) | {""}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _event_in(value: bytes | None) -> _Happened:
    try:
        return _happened(value or b"")
    except _NOT_READABLE:
        return _NOTHING
