"""A decision as a Kafka record: what a person said, under the id of its case."""

from typing import NamedTuple

import msgspec

from detectors.cases.words import kind_of
from detectors.events.decision import Decision
from streams.wire.cloud_event import cloud_event


class DecisionRecord(NamedTuple):
    """Key, value and headers of a record in the topic ``decisions``."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def decision_record(decision: Decision) -> DecisionRecord:
    """Return the record of a decision; its ``ce_id`` is the ``decision_id``."""
    subject = ("case", decision.case_id)
    kind = f"decision.{kind_of(decision)}"
    headers = cloud_event(decision.decision_id, kind, subject, decision.occurred_at)
    return DecisionRecord(decision.case_id.encode(), msgspec.json.encode(decision), [*headers])
