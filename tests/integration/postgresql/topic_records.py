"""What stands in the topics, and which rows a reader must be left with."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.book import CaseBook
from detectors.events.decision import Decision
from detectors.settings import CaseSettings
from streams.wire.case_record import case_record

Held = dict[str, tuple[Any, int, int]]
"""Content, partition and offset under each key of a topic."""


class Read(NamedTuple):
    """A record where it stands; a value that is None takes away what is under the key."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


VERSION_IN: Final = {"alerts": "revision", "cases": "version"}
"""The field that says which of two records of a table is newer."""


def rows_of(records: Iterable[Read], table: str) -> Held:
    """Return what a reader of one topic holds: the greatest version, of the same one the last."""
    held: Held = {}
    for record in records:
        key = (record.key or b"").decode()
        if record.value is None:
            held.pop(key, None)
            continue
        try:
            content = msgspec.json.decode(record.value)
        except msgspec.DecodeError:
            continue  # of somebody else
        field = VERSION_IN[table]
        if field not in content:
            continue
        if key not in held or content[field] >= held[key][0][field]:
            held[key] = (content, record.partition, record.offset)
    return held


def alert(key: str, version: int, **other: object) -> dict[str, object]:
    """Return an alert of these fields, with no more than the contract promises."""
    return {
        "alert_id": key,
        "revision": version,
        "status": "open",
        "pattern": "ring",
        "severity": "warning",
        "subject": {"type": "team", "id": "north"},
        "agent_id": None,
        "opened_at": "2025-01-12T00:00:00Z",
        "updated_at": "2025-01-12T01:00:00Z",
        "summary": "Team north: a sentence.",
        **other,
    }


def case(key: str, version: int, **other: object) -> dict[str, object]:
    """Return a case of these fields."""
    return {
        "case_id": key,
        "version": version,
        "state": "open",
        "severity": "warning",
        "subject": {"type": "team", "id": "north"},
        "opened_at": "2025-01-12T00:00:00Z",
        "updated_at": "2025-01-12T01:00:00Z",
        "alerts": [],
        "history": [],
        **other,
    }


class Told(NamedTuple):
    """A record on its way to a topic of cases."""

    key: bytes
    value: bytes


def versions(told: Sequence[Alert], decided: Sequence[Decision]) -> list[Told]:
    """Return every version of every case as a keeper of cases writes them, one by one."""
    book = CaseBook(CaseSettings())
    found: dict[bytes, bytes] = {}
    written = []
    for number, message in enumerate([*told, *decided]):
        if isinstance(message, Alert):
            book.add_alert(message)
        else:
            book.add_decision(message)
        if number % 40 and number < len(told) + len(decided) - 1:
            continue
        for one in book.cases():
            record = case_record(one)
            if found.get(record.key) != record.value:
                found[record.key] = record.value
                written.append(Told(record.key, record.value))
    return written
