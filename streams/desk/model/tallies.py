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

from detectors.basis.errors import InvalidEvent
from streams.desk.model.intake import EventTold, Told
from streams.stages.set_aside import Reason
from streams.wire.dead_letter import FOREIGN, LEFT_OUT, UNDELIVERED, from_message
from streams.wire.topics import Topic

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


class Tallies:
    """Counts over a connection whose transactions are another's matter."""

    def __init__(self, writer: sqlite3.Connection) -> None:
        self._writer: Final = writer

    def events(self, events: Iterable[EventTold]) -> None:
        """Count who has sold what where, and when which events came."""
        heard: Counter[tuple[str, str, int]] = Counter()
        sold: Counter[tuple[str, int, str, str, str]] = Counter()
        arrived: dict[str, list[int]] = {}
        for one, event in events:
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
            site = event.site or ""
            heard[topic, site, (at - _EPOCH) // _HOUR] += 1
            if one.topic is Topic.SALES and event.agent_id:
                day = at.astimezone(UTC)
                month = day.year * MONTHS_OF_A_YEAR + day.month - 1
                sold[event.agent_id, month, site, event.team or "", event.product or ""] += 1
        write = self._writer.executemany
        write(_HEARD, [(*key, number) for key, number in heard.items()])
        write(_SOLD, [(*key, number) for key, number in sold.items()])
        write(_ARRIVED, [(topic, 1_000 * came[0], *came[1:]) for topic, came in arrived.items()])

    def beside(self, one: Told) -> None:
        """Count a dead letter or a beat, or keep a decision."""
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
