"""The headers beside a record: CloudEvents 1.0, Kafka binding, binary mode."""

from typing import Any, Final, get_args

from msgspec import Struct

from detectors.alerts.alert import Alert, Status

CLOUD_EVENT: Final[dict[str, Any]] = {
    "type": "object",
    "description": "CloudEvents 1.0 attributes (Kafka protocol binding, binary content mode)",
    "required": [
        *("ce_specversion", "ce_id", "ce_source", "ce_type", "ce_subject", "ce_time"),
        "content-type",
    ],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {
            "type": "string",
            "description": "the same on every replay; with ce_source it names a revision",
            "pattern": "^[^:]+:[1-9][0-9]*$",
        },
        "ce_source": {"const": "/aboveboard"},
        "ce_type": {"enum": [f"aboveboard.alert.{status}.v1" for status in get_args(Status)]},
        "ce_subject": {
            "type": "string",
            "description": "whom it is about: type/id, the id percent-encoded",
            "pattern": "^[a-z]+/[!-~]*$",
        },
        "ce_time": {
            "type": "string",
            "format": "date-time",
            "description": "`updated_at` of the alert: a time of events, not of this record",
        },
        "content-type": {"const": "application/json"},
    },
}

HEADERS: Final[dict[type[Struct], dict[str, Any]]] = {Alert: CLOUD_EVENT}
"""What is written beside a message, by its type; beside the events of sources nothing need be."""
