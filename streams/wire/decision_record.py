"""A decision as a Kafka record: what a person said, under the id of its case.

CloudEvents 1.0 attributes ride in the headers (Kafka protocol binding, binary mode).
"""

from typing import NamedTuple

import msgspec

from detectors.cases.decision import Decision


class DecisionRecord(NamedTuple):
    """Key, value and headers of a record in the topic ``decisions``."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def decision_record(decision: Decision) -> DecisionRecord:
    """Return the record of a decision; its ``ce_id`` is the ``decision_id``."""
    attributes = {
        "ce_specversion": "1.0",
        "ce_id": decision.decision_id,
        "ce_source": "/aboveboard",
        "ce_type": f"aboveboard.decision.{kind_of(decision)}.v1",
        "ce_subject": f"case/{decision.case_id}",
        "ce_time": decision.occurred_at.isoformat().replace("+00:00", "Z"),
        "content-type": "application/json",
    }
    headers = [(name, value.encode()) for name, value in attributes.items()]
    return DecisionRecord(decision.case_id.encode(), msgspec.json.encode(decision), headers)


def kind_of(decision: Decision) -> str:
    """Return what a decision is called on the wire, such as ``propose``."""
    return str(decision.__struct_config__.tag)
