"""Filters as conditions of SQL: values are bound, and never part of the text."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from detectors.cases.case import SEVERITIES
from streams.desk.filters import Filters
from streams.desk.model.intake import microseconds

STANDING_NOW: Final = (
    "CASE WHEN standing IN ('acknowledged', 'snoozed') AND ends_at <= :now THEN 'open' "
    "ELSE standing END"
)
"""The state of a case at the moment ``:now``: what ended by itself is open again."""


class Condition(NamedTuple):
    """What follows WHERE, and the values in it."""

    sql: str
    values: dict[str, Any]


def conditions_of(filters: Filters, now: datetime | None) -> Condition:
    """Return the condition on cases at a moment, or on alerts without one."""
    name, standing = ("alert_id", "standing") if now is None else ("case_id", STANDING_NOW)
    parts = ["severity >= :severity"]
    values: dict[str, Any] = {"severity": SEVERITIES.index(filters.severity)}
    if now is not None:
        values["now"] = microseconds(now)
    if filters.standing:
        parts.append(f"{standing} IN ({_named('standing', filters.standing, values)})")
    if filters.pattern:
        parts.append(_one_of_the_patterns(filters.pattern, values))
    if filters.subject is not None:
        parts.append("(subject_id = :subject OR subject_type || '/' || subject_id = :subject)")
        values["subject"] = filters.subject
    for field, value in (("team", filters.team), ("site", filters.site)):
        if value is not None:
            parts.append(f"{field} = :{field}")
            values[field] = value
    for field, sign, moment in (("since", ">=", filters.since), ("until", "<", filters.until)):
        if moment is not None:
            parts.append(f"updated_at {sign} :{field}")
            values[field] = microseconds(moment)
    if filters.after is not None:
        parts.append(f"(-updated_at, {name}) > (-:after, :after_id)")
        values["after"] = microseconds(filters.after.updated_at)
        values["after_id"] = filters.after.row_id
    return Condition(" AND ".join(parts), values)


def _one_of_the_patterns(patterns: frozenset[str], values: dict[str, Any]) -> str:
    parts = []
    for number, pattern in enumerate(sorted(patterns)):
        values[f"pattern{number}"] = f"% {literally(pattern)} %"
        parts.append(f"' ' || patterns || ' ' LIKE :pattern{number} ESCAPE '\\'")
    return f"({' OR '.join(parts)})"


def literally(text: str) -> str:
    """Return a text as LIKE finds it and nothing else, with a backslash as its ESCAPE."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _named(name: str, given: frozenset[str], values: dict[str, Any]) -> str:
    numbered = {f"{name}{number}": value for number, value in enumerate(sorted(given))}
    values |= numbered
    return ", ".join(f":{one}" for one in numbered)
