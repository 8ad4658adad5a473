"""The headers beside a record: CloudEvents 1.0, Kafka binding, binary mode."""

from collections.abc import Iterable
from typing import Any, Final, get_args

from msgspec import Struct

from detectors.alerts.alert import Alert, Status
from detectors.alerts.commendation import Commendation, CommendationStatus
from detectors.alerts.verification_request import VerificationRequest
from detectors.cases.case import Case, State
from detectors.commission.action import Action, CommissionAction
from streams.wire.lookup_record import Lookup

_VERSIONED: Final = "^[^:]+:[1-9][0-9]*$"
_CONTENT: Final = "^[0-9a-f]{24}$"
_ONCE: Final = "^[0-9a-f]{32}$"


def _cloud_event(
    named: str, types: Iterable[str], time: str, ids: str = _VERSIONED
) -> dict[str, Any]:
    """Return the schema of the headers.

    Parameters
    ----------
    named
        What ``ce_id`` and ``ce_source`` name.
    types
        What ``ce_type`` may say between ``aboveboard`` and the version.
    time
        What ``ce_time`` is.
    ids
        The pattern of ``ce_id``.
    """
    return {
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
                "description": f"the same on every replay; with ce_source it names a {named}",
                "pattern": ids,
            },
            "ce_source": {"const": "/aboveboard"},
            "ce_type": {"enum": [f"aboveboard.{one}.v1" for one in types]},
            "ce_subject": {
                "type": "string",
                "description": "whom it is about: type/id, the id percent-encoded",
                "pattern": "^[a-z]+/[!-~]*$",
            },
            "ce_time": {
                "type": "string",
                "format": "date-time",
                "description": f"{time}: a time of events, not of this record",
            },
            "content-type": {"const": "application/json"},
        },
    }


HEADERS: Final[dict[type[Struct], dict[str, Any]]] = {
    Alert: _cloud_event(
        "revision",
        (f"alert.{status}" for status in get_args(Status)),
        "`updated_at` of the alert",
    ),
    Commendation: _cloud_event(
        "revision",
        (f"commendation.{status}" for status in get_args(CommendationStatus)),
        "`updated_at` of the commendation",
    ),
    Case: _cloud_event(
        "version of a case",
        (f"case.{state}" for state in get_args(State)),
        "`updated_at` of the case",
    ),
    CommissionAction: _cloud_event(
        "revision of what becomes of a commission",
        (f"commission.{action}" for action in get_args(Action)),
        "`decided_at` of the action",
    ),
    VerificationRequest: _cloud_event(
        "request", ("verification.asked",), "`asked_at` of the request", _CONTENT
    ),
    Lookup: _cloud_event("lookup", ("lookup",), "`at` of the lookup", _ONCE),
}
"""What is written beside a message, by its type; beside what others write nothing need be."""
