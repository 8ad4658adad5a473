"""Alerts in their topics, as a worker publishes them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec
from kafka import KafkaProducer

from detectors.alerts.alert import Alert, Severity, Subject
from detectors.alerts.evidence import FactEvidence
from detectors.basis.identifiers import AgentId, PatternName
from streams.wire.topics import Topic, topic_name

OPENED = datetime(2025, 3, 1, 12, tzinfo=UTC)


def alert_of(number: int, revision: int = 1, severity: Severity = "warning") -> Alert:
    return Alert(
        alert_id=f"id{number:04}",
        revision=revision,
        status="open",
        pattern=PatternName("quick_cancellation"),
        pattern_version=1,
        severity=severity,
        subject=Subject(type="agent", id=f"agent-{number}"),
        agent_id=AgentId(f"agent-{number}"),
        opened_at=OPENED,
        updated_at=OPENED + timedelta(days=revision, minutes=number),
        summary=f"Sentence {number}.",
        evidence=FactEvidence(window="10d", observed=1),
        event_ids=(),
        config_hash="0",
    )


def bytes_of(alert: Alert) -> bytes:
    return msgspec.json.encode(alert)


def publish(
    bootstrap: str, prefix: str, alerts: Sequence[Alert], topic: Topic = Topic.ALERTS
) -> None:
    produce(
        bootstrap,
        topic_name(prefix, topic),
        [(alert.alert_id.encode(), bytes_of(alert)) for alert in alerts],
    )


def produce(
    bootstrap: str, topic: str, records: Sequence[tuple[bytes | None, bytes | None]]
) -> None:
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    for key, value in records:
        producer.send(topic, value, key=key)
    producer.flush()
    producer.close()
