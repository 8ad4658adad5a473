"""Which rows a request asks for, by the parameters in its address."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple, get_args

import msgspec
from msgspec import Struct

from detectors.alerts.alert import Severity, Status
from detectors.cases.case import State
from detectors.events.event import Moment
from streams.desk.rows import AlertRow, CaseRow
from streams.errors import RequestRefused

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
