"""Which rows a request asks for, by the parameters in its address."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from heapq import nsmallest
from typing import Final, NamedTuple, TypeVar, get_args

import msgspec
from msgspec import Struct

from detectors.alerts.alert import Severity, Status
from detectors.cases.case import SEVERITIES, State
from detectors.events.event import Moment
from streams.desk.rows import AlertRow, CaseRow
from streams.errors import RequestRefused

Row = TypeVar("Row", AlertRow, CaseRow)

MOST_ROWS: Final = 500
"""So that a record of the lookup can name everybody in them."""

_USUAL_ROWS: Final = 100
_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "severity": get_args(Severity),
    "status": get_args(Status),
    "state": get_args(State),
}
_COMMON: Final = (
    "severity",
    "pattern",
    "subject",
    "team",
    "site",
    "since",
    "until",
    "limit",
    "after",
)

PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "alerts": ("status", *_COMMON),
    "cases": ("state", *_COMMON),
}
"""Those of each list."""


class Place(NamedTuple):
    """Where a row stands in its list: the last changed come first."""

    updated_at: datetime
    row_id: str

    def __str__(self) -> str:
        return f"{self.updated_at.astimezone(UTC).isoformat()}_{self.row_id}"


class Filters(Struct, frozen=True, kw_only=True):
    """What is asked for; None and empty ask for all.

    ``standing`` are the states of cases or the statuses of alerts, ``severity`` is the lowest,
    ``since`` and ``until`` are about the last change, ``after`` is where the page before ended.
    """

    standing: frozenset[str] = frozenset()
    severity: Severity = "info"
    pattern: frozenset[str] = frozenset()
    subject: str | None = None
    team: str | None = None
    site: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    limit: int = _USUAL_ROWS
    after: Place | None = None


class Page(NamedTuple):
    """Some rows of a list, and where they end if more follow."""

    rows: Sequence[AlertRow] | Sequence[CaseRow]
    end: Place | None


def filters_of(kind: str, given: Iterable[tuple[str, str]]) -> Filters:
    """Return what the parameters of a list, ``alerts`` or ``cases``, ask for.

    Raises
    ------
    RequestRefused
        Naming the parameter that cannot be used, and the remedy.
    """
    known = PARAMETERS[kind]
    values: dict[str, str] = {}
    for name, value in given:
        if name not in known:
            (near,) = difflib.get_close_matches(name, known, n=1, cutoff=0.0)
            raise RequestRefused(
                400, f"there is no parameter {name!r}; the nearest is {near} of {', '.join(known)}"
            )
        if name in values:
            raise RequestRefused(400, f"{name} is there twice: separate values by a comma")
        values[name] = value
    standing = values.get(known[0], "")
    severity = _word("severity", values["severity"]) if values.get("severity") else "info"
    return Filters(
        standing=frozenset(_word(known[0], one) for one in _parts(standing)),
        severity=msgspec.convert(severity, Severity),
        pattern=frozenset(_parts(values.get("pattern", ""))),
        subject=values.get("subject") or None,
        team=values.get("team") or None,
        site=values.get("site") or None,
        since=_moment("since", values.get("since")),
        until=_moment("until", values.get("until")),
        limit=_limit(values.get("limit")),
        after=_place(values.get("after")),
    )


def page_of(rows: Iterable[Row], filters: Filters) -> Page:
    """Return the rows that are asked for, the last changed first."""
    asked_for = (row for row in rows if _is_asked_for(row, filters))
    found = nsmallest(filters.limit + 1, asked_for, key=_order)
    shown = found[: filters.limit]
    return Page(shown, _place_of(shown[-1]) if len(found) > len(shown) else None)


def _is_asked_for(row: AlertRow | CaseRow, filters: Filters) -> bool:
    return (
        (not filters.standing or _standing(row) in filters.standing)
        and SEVERITIES.index(row.severity) >= SEVERITIES.index(filters.severity)
        and (not filters.pattern or not filters.pattern.isdisjoint(_patterns(row)))
        and (filters.subject is None or filters.subject in _names(row))
        and (filters.team is None or filters.team == row.team)
        and (filters.site is None or filters.site == row.site)
        and (filters.since is None or row.updated_at >= filters.since)
        and (filters.until is None or row.updated_at < filters.until)
        and (filters.after is None or _order(row) > _order_of(filters.after))
    )


def _standing(row: AlertRow | CaseRow) -> str:
    return row.status if isinstance(row, AlertRow) else row.state


def _patterns(row: AlertRow | CaseRow) -> set[str]:
    return {row.pattern} if isinstance(row, AlertRow) else set(row.patterns.split(" "))


def _names(row: AlertRow | CaseRow) -> tuple[str, str]:
    return row.subject_id, f"{row.subject_type}/{row.subject_id}"


def _order(row: AlertRow | CaseRow) -> tuple[float, str]:
    return _order_of(_place_of(row))


def _order_of(place: Place) -> tuple[float, str]:
    return (-place.updated_at.timestamp(), place.row_id)


def _place_of(row: AlertRow | CaseRow) -> Place:
    return Place(row.updated_at, row.alert_id if isinstance(row, AlertRow) else row.case_id)


def _parts(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _word(name: str, value: str) -> str:
    if value not in _WORDS[name]:
        raise RequestRefused(400, f"{name}: {value!r} is not one of {', '.join(_WORDS[name])}")
    return value


def _moment(name: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        # A plus sign that was not written as %2B arrives as a blank.
        return msgspec.convert(text.replace(" ", "+"), Moment)
    except msgspec.ValidationError:
        raise RequestRefused(
            400, f"{name}: write a date and time with an offset, such as 2025-06-30T00:00:00Z"
        ) from None


def _limit(text: str | None) -> int:
    if not text:
        return _USUAL_ROWS
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:9]) <= MOST_ROWS:
        raise RequestRefused(400, f"limit: a number from 1 to {MOST_ROWS}; more by `after`")
    return int(text)


def _place(text: str | None) -> Place | None:
    if not text:
        return None
    moment, sign, row_id = text.partition("_")
    found = _moment("after", moment)
    if not sign or found is None:
        raise RequestRefused(400, "after: take it from the header Link of the page before")
    return Place(found, row_id)
