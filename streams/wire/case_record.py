"""A case as a Kafka record, under its id, and the tombstone of one that was erased.

Whoever deletes a case by accident finds it written again, for the topics of alerts and decisions
still give it. So the tombstone of an erasure bears a seal, and names the version that it ends: only
a later one is told again.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from detectors.cases.case import Case
from streams.wire.cloud_event import cloud_event
from streams.wire.seal import SEAL, SealCheck, check_seal, place_of, seal_of

ERASED: Final = "erased"
"""The header of a tombstone that holds the version of the case that was erased."""


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


def erased_case(topic: str, key: bytes, version: int) -> list[tuple[str, bytes]]:
    """Return the headers of the tombstone of a case; `topic` is a name with its prefix."""
    headers = [(ERASED, b"%d" % version)]
    return [*headers, (SEAL, seal_of(place_of(topic), key, None, headers))]


def erased_version(
    topic: str, key: bytes | None, headers: Sequence[tuple[str, bytes | None]]
) -> int | None:
    """Return up to which version a tombstone ends a case; None for one of another program."""
    believed = [one for one in headers if one[0] == ERASED]
    if check_seal(place_of(topic), key, None, headers, believed) is not SealCheck.RIGHT:
        return None
    return next((int(content) for _, content in believed if content is not None), None)
