"""Records of the topics, written into the tables of the read model."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import SEVERITIES, Case
from detectors.cases.person import canonical_login
from streams.desk.model.mentioned import Mentioned
from streams.desk.rows import AlertRow, CaseRow, alert_row, case_row
from streams.wire.topics import Topic

_NOT_READABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises for bytes that hold something else; nesting without end is no error of its
own."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PER_MILLISECOND: Final = 1_000

_decode_alert: Final = msgspec.json.Decoder(Alert).decode
_decode_case: Final = msgspec.json.Decoder(Case).decode
_row: Final = msgspec.msgpack.Encoder().encode

_ALERT: Final = """
INSERT INTO alerts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (alert_id) DO UPDATE SET
    case_id = excluded.case_id, version = excluded.version, standing = excluded.standing,
    severity = excluded.severity, patterns = excluded.patterns,
    subject_type = excluded.subject_type, subject_id = excluded.subject_id,
    agent_id = excluded.agent_id, team = excluded.team, site = excluded.site,
    opened_at = excluded.opened_at, updated_at = excluded.updated_at,
    row = excluded.row, record = excluded.record
WHERE excluded.version >= alerts.version"""
_CASE: Final = """
INSERT INTO cases VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)
ON CONFLICT (case_id) DO UPDATE SET
    version = excluded.version, standing = excluded.standing, severity = excluded.severity,
    patterns = excluded.patterns, subject_type = excluded.subject_type,
    subject_id = excluded.subject_id, agent_id = excluded.agent_id,
    team = excluded.team, site = excluded.site, opened_at = excluded.opened_at,
    updated_at = excluded.updated_at, ends_at = excluded.ends_at, assignee = excluded.assignee,
    acknowledged_at = excluded.acknowledged_at, waits_since = excluded.waits_since,
    owner = excluded.owner, sought = excluded.sought, row = excluded.row, record = excluded.record
WHERE excluded.version >= cases.version"""
_REVISION: Final = """
INSERT OR IGNORE INTO revisions SELECT :id, :revision, :learned, :record
WHERE NOT EXISTS (SELECT 1 FROM erased WHERE alert_id = :id AND erased_at >= :learned)"""
_ERASED: Final = """
INSERT INTO erased VALUES (?,?)
ON CONFLICT (alert_id) DO UPDATE SET erased_at = max(erased_at, excluded.erased_at)"""
_EVENT: Final = """
INSERT INTO events
    (topic, part, learned_at, event_id, account_id, agent_id, sale_id, occurred_at, record)
VALUES (?,?,?,?,?,?,?,?,?)"""


class Told(NamedTuple):
    """A record as the topic had it.

    ``milliseconds`` since 1970 are those of its arrival there; 0 where nobody knows.
    """

    topic: Topic
    key: bytes | None
    value: bytes | None
    milliseconds: int = 0
    partition: int = 0
    offset: int = 0
    headers: Sequence[tuple[str, bytes | None]] = ()


class Taken(NamedTuple):
    """What some records changed: the ids of cases and alerts."""

    cases: frozenset[str]
    alerts: frozenset[str]


class EventTold(NamedTuple):
    """A record of a source, and what was read of it."""

    told: Told
    mentioned: Mentioned


class Intake:
    """Writes records over a connection whose transactions are another's matter."""

    def __init__(self, writer: sqlite3.Connection) -> None:
        self._writer: Final = writer
        self.foreign: Final[dict[str, int]] = {}

    def of(self, records: Iterable[Told]) -> Taken:
        """Take alerts and cases in; return what they changed."""
        cases: set[str] = set()
        alerts: set[str] = set()
        for one in records:
            match one.topic:
                case Topic.ALERTS_CURRENT:
                    ours = self._alert(one, alerts)
                case Topic.CASES_CURRENT:
                    ours = self._case(one, cases)
                case Topic.ALERTS:
                    ours = self._revision(one, alerts)
                case _:
                    raise ValueError(f"the desk reads no topic {one.topic}")
            if not ours:
                self.foreign[one.topic] = self.foreign.get(one.topic, 0) + 1
        return Taken(frozenset(cases), frozenset(alerts))

    def events(self, events: Iterable[EventTold]) -> None:
        """Take events of sources in."""
        self._writer.executemany(_EVENT, map(_event_values, events))

    def _alert(self, told: Told, changed: set[str]) -> bool:
        name = (told.key or b"").decode(errors="replace")
        if told.value is None:
            self._writer.execute("DELETE FROM alerts WHERE alert_id = ?", (name,))
            # The topic `alerts` still holds what it has told, and may be read before or after this.
            at = told.milliseconds * _PER_MILLISECOND
            self._writer.execute(_ERASED, (name, at))
            self._writer.execute(
                "DELETE FROM revisions WHERE alert_id = ? AND learned_at <= ?", (name, at)
            )
            changed.add(name)
            return True
        alert = _alert_in(told.value)
        if alert is None or alert.alert_id != name:
            return False
        self._writer.execute(_ALERT, _alert_values(alert_row(alert), told.value))
        changed.add(name)
        return True

    def _case(self, told: Told, changed: set[str]) -> bool:
        name = (told.key or b"").decode(errors="replace")
        if told.value is None:
            self._writer.execute("DELETE FROM cases WHERE case_id = ?", (name,))
            changed.add(name)
            return True
        try:
            case = _decode_case(told.value)
        except _NOT_READABLE:
            return False
        if case.case_id != name:
            return False
        self._writer.execute(_CASE, _case_values(case, told.value))
        changed.add(name)
        return True

    def _revision(self, told: Told, changed: set[str]) -> bool:
        if told.value is None:
            return True  # nothing is taken away here: the log is not compacted
        alert = _alert_in(told.value)
        if alert is None:
            return False
        values = {
            "id": alert.alert_id,
            "revision": alert.revision,
            "learned": told.milliseconds * _PER_MILLISECOND,
            "record": told.value,
        }
        self._writer.execute(_REVISION, values)
        changed.add(alert.alert_id)
        return True


def microseconds(moment: datetime) -> int:
    """Return a moment as the tables hold it."""
    return (moment - _EPOCH) // _MICROSECOND


def moment_of(value: int) -> datetime:
    """Return the moment of a value in the tables."""
    return _EPOCH + value * _MICROSECOND


def _alert_in(value: bytes) -> Alert | None:
    try:
        return _decode_alert(value)
    except _NOT_READABLE:
        return None


def _event_values(event: EventTold) -> Sequence[Any]:
    told, found = event
    at = None if found.occurred_at is None else microseconds(found.occurred_at)
    learned = told.milliseconds * _PER_MILLISECOND
    ids = (found.event_id, found.account_id, found.agent_id, found.sale_id)
    return (told.topic.value, told.partition, learned, *ids, at, told.value or b"")


def _common(row: AlertRow | CaseRow, standing: str, version: int, patterns: str) -> Sequence[Any]:
    return (
        version,
        standing,
        SEVERITIES.index(row.severity),
        patterns,
        row.subject_type,
        row.subject_id,
        row.agent_id,
        row.team,
        row.site,
        microseconds(row.opened_at),
        microseconds(row.updated_at),
    )


def _alert_values(row: AlertRow, record: bytes) -> Sequence[Any]:
    common = _common(row, row.status, row.revision, row.pattern)
    return (row.alert_id, row.case_id, *common, _row(row), record)


def _case_values(case: Case, record: bytes) -> Sequence[Any]:
    row = case_row(case)
    common = _common(row, row.state, row.version, row.patterns)
    until, at, since = (
        None if moment is None else microseconds(moment)
        for moment in (row.until, row.acknowledged_at, row.waits_since)
    )
    owner = None if row.assignee is None else canonical_login(row.assignee) or None
    summaries = (alert.summary for alert in case.alerts)
    sought = "\n".join((case.case_id, row.subject_id, row.agent_id or "", *summaries)).casefold()
    times = (until, row.assignee, at, since, owner, sought)
    return (row.case_id, *common, *times, _row(row), record)
