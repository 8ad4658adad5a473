"""Alerts as CSV that a spreadsheet opens without computing anything.

Ids are chosen by sources, and a cell that begins with ``=`` is a formula: it may fetch a page with
what stands beside it, or start a program. Every cell is therefore made plain text.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import structs

from detectors.alerts.alert import Alert
from detectors.cases.case import case_id_of
from streams.printable import printable

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

_STARTS: Final = frozenset("=+-@")
_SEPARATORS: Final = re.compile(r'([,;|"])')
"""What a spreadsheet may take for the end of a cell: that depends on the country of its user."""


def csv_rows(alerts: Iterable[Alert]) -> Iterator[bytes]:
    """Yield the heading, then a row for each alert, as lines of RFC 4180 in UTF-8."""
    yield _row(COLUMNS)
    for alert in alerts:
        evidence = structs.asdict(alert.evidence)  # what a kind of evidence lacks is empty
        yield _row(
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


def plain_cell(text: str) -> str:
    """Return a text that starts no formula, wherever a spreadsheet believes that a cell begins.

    An apostrophe goes before what would start one: spreadsheets take the rest for text. Characters
    that do not print, line breaks and tabs among them, become U+FFFD.
    """
    pieces = _SEPARATORS.split(printable(text))
    return "".join(f"'{piece}" if _starts_a_formula(piece) else piece for piece in pieces)


def _starts_a_formula(text: str) -> bool:
    # The compatibility form turns full-width, small and raised twins into the plain character.
    return unicodedata.normalize("NFKC", text.lstrip()[:1])[:1] in _STARTS


def _row(values: Iterable[object]) -> bytes:
    line = io.StringIO(newline="")
    cells = ["" if value is None else plain_cell(str(value)) for value in values]
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()
