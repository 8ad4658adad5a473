"""An alert as Kafka records: a log of all revisions, and the current one under its id.

CloudEvents 1.0 attributes ride in the headers (Kafka protocol binding, binary mode).
"""

import string
from typing import Final
from urllib.parse import quote

import msgspec

from detectors.alerts.alert import Alert
from streams.stages.actors.actor import Headers, Output
from streams.wire.topics import Topic

_PLAIN: Final = (string.ascii_letters + string.digits + string.punctuation).translate(
    str.maketrans("", "", '"%/')
)
"""What stands in a subject as it is, as the HTTP binding of CloudEvents has it."""


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
    """Return the CloudEvents attributes of one revision; its id is the same on every replay.

    The id of the subject is percent-encoded: sources choose it, and CloudEvents forbid control
    characters. Its slashes are too, so that the first slash ends the type.
    """
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": f"{alert.alert_id}:{alert.revision}",
        "ce_source": "/aboveboard",
        "ce_type": f"aboveboard.alert.{alert.status}.v1",
        "ce_subject": f"{alert.subject.type}/{quote(alert.subject.id, safe=_PLAIN)}",
        "ce_time": alert.updated_at.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    return tuple((name, value.encode()) for name, value in attributes.items())
