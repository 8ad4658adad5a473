"""Alerts as CSV that a spreadsheet opens without computing anything."""

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.cases.case import case_id_of
from streams.outputs.spreadsheet import csv_row

COLUMNS: Final = (
    "alert_id",
    "revision",
    "status",
    "severity",
    "pattern",
    "subject_type",
    "subject_id",
    "agent_id",
    "case_id",
    "opened_at",
    "updated_at",
    "likely_start",
    "observed",
    "expected",
    "matured",
    "pending",
    "rate_ratio",
    "rate_ratio_low",
    "rate_ratio_high",
    "events",
    "summary",
    "data_quality",
)


def csv_rows(alerts: Iterable[Alert]) -> Iterator[bytes]:
    """Yield the heading, then a row for each alert, as lines of RFC 4180 in UTF-8."""
    yield csv_row(COLUMNS)
    for alert in alerts:
        evidence = structs.asdict(alert.evidence)  # what a kind of evidence lacks is empty
        yield csv_row(
            (
                alert.alert_id,
                alert.revision,
                alert.status,
                alert.severity,
                alert.pattern,
                alert.subject.type,
                alert.subject.id,
                alert.agent_id,
                case_id_of(alert.subject),
                alert.opened_at.isoformat(),
                alert.updated_at.isoformat(),
                evidence.get("likely_start"),
                evidence.get("observed"),
                evidence.get("expected"),
                evidence.get("matured"),
                evidence.get("pending"),
                evidence.get("rate_ratio"),
                evidence.get("rate_ratio_low"),
                evidence.get("rate_ratio_high"),
                len(alert.event_ids),
                alert.summary,
                "; ".join(alert.data_quality or ()),
            )
        )
