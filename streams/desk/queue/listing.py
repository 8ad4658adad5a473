"""The cases of the queue in their order, and how many each filter would leave."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from detectors.cases.case import SEVERITIES
from detectors.cases.person import canonical_login
from streams.desk.filters import Filters
from streams.desk.model.conditions import STANDING_NOW, Condition, conditions_of
from streams.desk.model.read_model import ReadModel
from streams.desk.queue.asked import TO_DO, Asked
from streams.desk.rows import CaseRow, at_the_time
from streams.desk.waiting import Clocks

ROWS_A_PAGE: Final = 100

_MICROSECONDS: Final = 1_000_000
_DUE: Final = (
    "waits_since + CASE severity WHEN 2 THEN :critical WHEN 1 THEN :warning ELSE :info END"
)
_OVERDUE: Final = f"(({STANDING_NOW}) = 'open' AND {_DUE} <= :now)"
_MINE: Final = "(owner IS NOT NULL AND owner = :me)"
# Nobody is on call for hints, of which there are thousands: late ones must not hide a warning.
_ORDER: Final = f"severity > 0 DESC, {_OVERDUE} DESC, severity DESC, opened_at, case_id"

_read_row: Final = msgspec.msgpack.Decoder(CaseRow).decode


class Viewer(NamedTuple):
    """For whom, when, and by which clocks."""

    login: str
    now: datetime
    clocks: Clocks


class QueueRow(NamedTuple):
    """A row, until when it may wait (None: it does not wait), and whether that is over."""

    case: CaseRow
    due: datetime | None
    overdue: bool
    mine: bool


class Kind(NamedTuple):
    """What the filters can tell cases apart by."""

    state: str
    severity: int
    patterns: str
    site: str | None
    team: str | None
    mine: bool
    overdue: bool


class Counts(NamedTuple):
    """How many cases there would be under each value of a filter, the others as they are."""

    total: int
    by: Mapping[str, Mapping[str, int]]

    def of(self, name: str, value: str) -> int:
        """Return how many there would be under a value of a filter."""
        return self.by[name].get(value, 0)


def rows_of(model: ReadModel, asked: Asked, viewer: Viewer) -> list[QueueRow]:
    """Return the rows of a page: overdue first, then the most severe, then the oldest.

    What is of severity *info* comes after all else, in the same order.
    """
    condition = _condition(asked, viewer)
    first = (asked.page - 1) * ROWS_A_PAGE
    # The order is found over an index alone; only the rows of the page are read.
    found = model.ask(
        "SELECT row FROM cases WHERE case_id IN (SELECT case_id FROM cases "  # noqa: S608 - values are bound
        f"WHERE {condition.sql} ORDER BY {_ORDER} LIMIT {ROWS_A_PAGE} OFFSET {first}) "
        f"ORDER BY {_ORDER}",
        condition.values,
    )
    return [queue_row(_read_row(row), viewer) for (row,) in found]


def rows_named(model: ReadModel, case_ids: Sequence[str], viewer: Viewer) -> list[QueueRow]:
    """Return the rows of these cases, in this order, without those that there are not."""
    named = _named(case_ids)
    found = model.ask(
        f"SELECT case_id, row FROM cases WHERE case_id IN ({_marks(named)})",  # noqa: S608 - as above
        named,
    )
    rows = {case_id: queue_row(_read_row(row), viewer) for case_id, row in found}
    return [rows[case_id] for case_id in dict.fromkeys(case_ids) if case_id in rows]


def matching(
    model: ReadModel, case_ids: Sequence[str], asked: Asked, viewer: Viewer
) -> frozenset[str]:
    """Return which of these cases are asked for."""
    condition = _condition(asked, viewer)
    named = _named(case_ids)
    found = model.ask(
        f"SELECT case_id FROM cases WHERE case_id IN ({_marks(named)}) "  # noqa: S608 - as above
        f"AND {condition.sql}",
        condition.values | named,
    )
    return frozenset(case_id for (case_id,) in found)


def counts_of(model: ReadModel, asked: Asked, viewer: Viewer) -> Counts:
    """Return how many cases are asked for, and how many each other choice would show."""
    kept = Filters(
        subject=asked.filters.subject, since=asked.filters.since, until=asked.filters.until
    )
    everything = msgspec.structs.replace(asked, filters=kept, mine=False, overdue=False)
    condition = _condition(everything, viewer)
    found = model.ask(
        f"SELECT {STANDING_NOW}, severity, patterns, site, team, {_MINE}, "  # noqa: S608 - as above
        f"ifnull({_OVERDUE}, 0), count(*) FROM cases WHERE {condition.sql} "
        "GROUP BY 1, 2, 3, 4, 5, 6, 7",
        condition.values,
    )
    total = 0
    by: dict[str, Counter[str]] = {name: Counter() for name in _VALUES}
    for *telling, number in found:
        kind = Kind(*telling)
        refused = _refusing(kind, asked)
        if len(refused) > 1:
            continue  # whatever is chosen in one filter, another one hides it
        total += 0 if refused else number
        for name in refused or _VALUES:
            for value in _VALUES[name](kind):
                by[name][value] += number
    return Counts(total, {name: dict(sorted(found.items())) for name, found in by.items()})


def queue_row(row: CaseRow, viewer: Viewer) -> QueueRow:
    """Return a row of the queue, as it stands now."""
    case = at_the_time(row, viewer.now)
    due = None
    if case.state == "open" and case.waits_since is not None:
        due = case.waits_since + viewer.clocks.of(case.severity)
    owner = "" if case.assignee is None else canonical_login(case.assignee)
    mine = bool(owner) and owner == canonical_login(viewer.login)
    return QueueRow(case, due, due is not None and due <= viewer.now, mine)


def _named(case_ids: Sequence[str]) -> dict[str, str]:
    """Return ids as values that are bound, each under a name of its own."""
    return {f"id{number}": case_id for number, case_id in enumerate(case_ids)}


def _marks(named: Mapping[str, str]) -> str:
    return ", ".join(f":{name}" for name in named)


def _condition(asked: Asked, viewer: Viewer) -> Condition:
    condition = conditions_of(asked.filters, viewer.now)
    parts, values = [condition.sql], dict(condition.values)
    values["me"] = canonical_login(viewer.login)
    for severity in SEVERITIES:
        values[severity] = int(viewer.clocks.of(severity).total_seconds() * _MICROSECONDS)
    if asked.mine:
        parts.append(_MINE)
    if asked.overdue:
        parts.append(_OVERDUE)
    for number, word in enumerate(asked.words):
        parts.append(f"instr(sought, :word{number})")
        values[f"word{number}"] = word
    return Condition(" AND ".join(parts), values)


_VALUES: Final[Mapping[str, Callable[[Kind], Iterable[str]]]] = {
    "state": lambda kind: (kind.state, *(("",) if kind.state in TO_DO else ()), "all"),
    "severity": lambda kind: SEVERITIES[: kind.severity + 1],
    "pattern": lambda kind: kind.patterns.split(),
    "site": lambda kind: () if kind.site is None else (kind.site,),
    "team": lambda kind: () if kind.team is None else (kind.team,),
    "mine": lambda kind: ("1",) if kind.mine else (),
    "overdue": lambda kind: ("1",) if kind.overdue else (),
}
"""Under which values of a filter a case is shown."""


def _refusing(kind: Kind, asked: Asked) -> list[str]:
    """Return the filters that hide a case."""
    filters = asked.filters
    passes = (
        ("state", not filters.standing or kind.state in filters.standing),
        ("severity", kind.severity >= SEVERITIES.index(filters.severity)),
        ("pattern", not filters.pattern or bool(filters.pattern & {*kind.patterns.split()})),
        ("site", filters.site in (None, kind.site)),
        ("team", filters.team in (None, kind.team)),
        ("mine", bool(kind.mine) or not asked.mine),
        ("overdue", bool(kind.overdue) or not asked.overdue),
    )
    return [name for name, shown in passes if not shown]
