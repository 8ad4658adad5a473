"""An alert as Kafka records: a log of all revisions, and the current one under its id.

A commendation is a record of a log alone.
"""

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from streams.stages.actors.actor import Headers, Output
from streams.wire.cloud_event import cloud_event
from streams.wire.topics import Topic


def alert_records(alert: Alert) -> tuple[Output, Output]:
    """Return the record for the log and the one for the compacted topic."""
    value = msgspec.json.encode(alert)
    key = alert.alert_id.encode()
    headers = cloud_event_headers(alert)
    return (
        Output(Topic.ALERTS, value, key, headers=headers),
        Output(Topic.ALERTS_CURRENT, value, key, headers=headers),
    )


def cloud_event_headers(alert: Alert) -> Headers:
    """Return the CloudEvents attributes of one revision; its id is the same on every replay."""
    event_id = f"{alert.alert_id}:{alert.revision}"
    subject = (alert.subject.type, alert.subject.id)
    return cloud_event(event_id, f"alert.{alert.status}", subject, alert.updated_at)


def commendation_record(one: Commendation) -> Output:
    """Return the record for the log of commendations."""
    value, key = msgspec.json.encode(one), one.commendation_id.encode()
    return Output(Topic.COMMENDATIONS, value, key, headers=commendation_headers(one))


def commendation_headers(one: Commendation) -> Headers:
    """Return the CloudEvents attributes of one revision; its id is the same on every replay."""
    event_id = f"{one.commendation_id}:{one.revision}"
    subject = ("agent", one.agent_id)
    return cloud_event(event_id, f"commendation.{one.status}", subject, one.updated_at)
