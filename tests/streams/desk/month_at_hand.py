"""Simulated months: events, alerts and cases, as the topics of an installation have them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.basis.event_time import seconds_at
from detectors.cases.book import CaseBook
from detectors.cases.case import case_id_of
from detectors.events.decision import Decision
from detectors.settings import CaseSettings, Settings
from streams.desk.model.intake import Told
from streams.files.detection import Detection
from streams.files.events import Block, Origin
from streams.stages.actors.alert_records import alert_records
from streams.wire.case_record import case_record
from streams.wire.dead_letter import DeadLetter
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.streams.small_centre import fewer_lines

_PARTITIONS: Final = 3
_LATE_SECONDS: Final = 90
"""How long after its time a record arrives."""

_TOPIC_OF: Final = {kind: topic for topic, kind in EVENT_TOPICS.items()}


class _Placed(msgspec.Struct):
    type: str
    account_id: str
    occurred_at: datetime


@cache
def month_alerts() -> tuple[Alert, ...]:
    """Return all revisions that the events give, in the order of the log."""
    return tuple(alerts_of(fewer_lines()))


def alerts_of(lines: Sequence[bytes], settings: Settings | None = None) -> list[Alert]:
    """Return all revisions that events give."""
    detection = Detection(settings or Settings(), None, _refuse)
    block = Block(lines, lambda index: Origin("month", index + 1))
    return [alert for alerts in detection.alerts(iter([block])) for alert in alerts]


def _refuse(letter: DeadLetter) -> None:
    raise AssertionError(letter)


def event_records(lines: Sequence[bytes]) -> Iterator[Told]:
    """Yield events as their topics have them: partition by partition, as a rebuild reads them."""
    told: dict[tuple[Topic, int], list[Told]] = {}
    for line in lines:
        event = msgspec.json.decode(line, type=_Placed)
        topic = _TOPIC_OF.get(event.type, Topic.ACCOUNT_ACTIVITY)
        partition = sum(event.account_id.encode()) % _PARTITIONS
        at = int(seconds_at(event.occurred_at))
        key, late = event.account_id.encode(), (at + _LATE_SECONDS) * 1_000
        told.setdefault((topic, partition), []).append(Told(topic, key, line, late, partition))
    for records in told.values():
        yield from records


def told_of(alerts: Sequence[Alert], decided: Sequence[Decision] = ()) -> Iterator[Told]:
    """Yield alerts and their cases as the topics have them."""
    book = CaseBook(CaseSettings())
    for alert in alerts:
        book.add_alert(alert)
        late = int(seconds_at(alert.updated_at) + 3_600) * 1_000
        for record in alert_records(alert):
            if record.topic in (Topic.ALERTS, Topic.ALERTS_CURRENT):
                yield Told(record.topic, record.key, record.value, late)
    for decision in decided:
        book.add_decision(decision)
    for case in book.cases():
        made = case_record(case)
        yield Told(Topic.CASES_CURRENT, made.key, made.value)


def month(decided: Sequence[Decision] = ()) -> Iterator[Told]:
    """Yield the whole of it."""
    yield from told_of(month_alerts(), decided)
    yield from event_records(fewer_lines())


def case_of(pattern: str) -> tuple[str, Alert]:
    """Return the id of a case with an alert of a pattern, and the newest revision of that."""
    newest = {alert.alert_id: alert for alert in month_alerts()}
    found = next(alert for alert in newest.values() if alert.pattern == pattern)
    return case_id_of(found.subject), found
