"""Many alerts and their cases, each as a real one of the examples with ids of its own."""

from collections.abc import Iterator
from datetime import timedelta
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec import structs

from detectors.alerts.alert import Alert, Subject
from detectors.cases.book import CaseBook
from detectors.cases.case import SEVERITIES
from detectors.settings import CaseSettings
from streams.contract.examples import examples
from streams.desk.model.intake import Told
from streams.stages.actors.alert_records import alert_records
from streams.wire.case_record import case_record
from streams.wire.topics import Topic

CASES: Final = 10_000
ALERTS: Final = 100_000

_SHOWN: Final = (Topic.ALERTS, Topic.ALERTS_CURRENT)


def crowd(cases: int, alerts: int) -> Iterator[Told]:
    """Yield what the topics hold of so many cases with so many alerts, alerts first."""
    book = CaseBook(CaseSettings())
    for alert in crowd_of_alerts(cases, alerts):
        book.add_alert(alert)
        arrived = int(alert.updated_at.timestamp() * 1_000)
        for record in alert_records(alert):
            if record.topic in _SHOWN:
                yield Told(record.topic, record.key, record.value, arrived)
    for case in book.cases():
        told = case_record(case)
        yield Told(Topic.CASES_CURRENT, told.key, told.value)


def crowd_of_alerts(cases: int, alerts: int) -> Iterator[Alert]:
    """Yield so many alerts, of so many cases."""
    for number in range(alerts):
        yield _alert(number, number % cases)


def _templates() -> list[Alert]:
    found = [msgspec.convert(one.payload, Alert) for one in examples()["Alert"]]
    return [alert for alert in found if alert.subject.type == "agent"] or found


_TEMPLATES: Final = _templates()


def _alert(number: int, agent: int) -> Alert:
    one = _TEMPLATES[number % len(_TEMPLATES)]
    updated = one.updated_at + timedelta(minutes=number % 50_000)
    return structs.replace(
        one,
        alert_id=blake2b(number.to_bytes(4, "big"), digest_size=12).hexdigest(),
        subject=Subject("agent", f"agent-{agent:05d}"),
        severity=SEVERITIES[agent % 3],
        status="open",
        team=f"team-{agent % 40}",
        site=f"site-{agent % 4}",
        opened_at=min(one.opened_at, updated),
        updated_at=updated,
    )
