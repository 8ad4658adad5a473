"""A case as a Kafka record, under its id."""

from typing import NamedTuple

import msgspec

from detectors.cases.case import Case
from streams.wire.cloud_event import cloud_event


class CaseRecord(NamedTuple):
    """Key, value and headers of a record in the topic ``cases-current``."""

    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def case_record(case: Case) -> CaseRecord:
    """Return the record of a case; its ``ce_id`` names the version."""
    subject = (case.subject.type, case.subject.id)
    event_id = f"{case.case_id}:{case.version}"
    headers = cloud_event(event_id, f"case.{case.state}", subject, case.updated_at)
    return CaseRecord(case.case_id.encode(), msgspec.json.encode(case), [*headers])
