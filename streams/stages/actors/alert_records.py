"""Alerts as Kafka records: a log of all revisions, and the current one. Others likewise."""

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.commission.action import CommissionAction
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


def request_record(request: VerificationRequest) -> Output:
    """Return the record of a request to verify a sale."""
    value, key = msgspec.json.encode(request), request.sale_id.encode()
    return Output(Topic.VERIFICATION_REQUESTS, value, key, headers=request_headers(request))


def request_headers(request: VerificationRequest) -> Headers:
    """Return the CloudEvents attributes of a request; its id is the same on every replay."""
    subject = ("account", request.account_id)
    return cloud_event(request.request_id, "verification.asked", subject, request.asked_at)


def cloud_event_headers(alert: Alert) -> Headers:
    """Return the CloudEvents attributes of one revision; its id is the same on every replay."""
    event_id = f"{alert.alert_id}:{alert.revision}"
    subject = (alert.subject.type, alert.subject.id)
    return cloud_event(event_id, f"alert.{alert.status}", subject, alert.updated_at)


def commission_record(action: CommissionAction) -> Output:
    """Return the record for the compacted topic; its id is the same on every replay."""
    event_id = f"{action.commission_id}:{action.revision}"
    kind, subject = f"commission.{action.action}", ("sale", action.sale_id)
    headers = cloud_event(event_id, kind, subject, action.decided_at)
    key = action.commission_id.encode()
    return Output(Topic.COMMISSION_ACTIONS, msgspec.json.encode(action), key, headers=headers)


def commendation_record(one: Commendation) -> Output:
    """Return the record for the log of commendations."""
    value, key = msgspec.json.encode(one), one.commendation_id.encode()
    return Output(Topic.COMMENDATIONS, value, key, headers=commendation_headers(one))


def commendation_headers(one: Commendation) -> Headers:
    """Return the CloudEvents attributes of one revision; its id is the same on every replay."""
    event_id = f"{one.commendation_id}:{one.revision}"
    subject = ("agent", one.agent_id)
    return cloud_event(event_id, f"commendation.{one.status}", subject, one.updated_at)
