"""The work that waits: open cases by age and severity, and where they come from."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from detectors.alerts.alert import Severity
from detectors.cases.case import SEVERITIES, State
from streams.desk.model.conditions import STANDING_NOW
from streams.desk.model.intake import microseconds, moment_of
from streams.desk.model.read_model import ReadModel
from streams.desk.waiting import Clocks

TO_DO: Final[tuple[State, ...]] = ("open", "acknowledged", "snoozed", "proposed")
"""The states of a case in which somebody has something to do."""

AGES: Final[tuple[timedelta, ...]] = (
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=30),
)
"""Where one age ends and the next begins; the last has no end."""

Place = Literal["site", "team"]
BySeverity = Mapping[Severity, int]

_OPEN: Final = f"({STANDING_NOW}) IN ({', '.join(repr(state) for state in TO_DO)})"


class Aged(NamedTuple):
    """Open cases of an age, from and until so long: None for the first and the last."""

    since: timedelta | None
    until: timedelta | None
    cases: BySeverity

    @property
    def total(self) -> int:
        """All of them."""
        return sum(self.cases.values())


class At(NamedTuple):
    """Open cases at a site or in a team; None where no sale of theirs says which."""

    name: str | None
    cases: BySeverity


class Work(NamedTuple):
    """What waits.

    Attributes
    ----------
    cases
        By severity: all of them are counted.
    ages
        The same by age, the youngest first.
    states
        The same by state.
    unowned, overdue
        Those that are nobody's, and those that have waited for too long.
    places
        The same by site and by team, those with the most severe first.
    """

    cases: BySeverity
    ages: tuple[Aged, ...]
    states: Mapping[State, int]
    unowned: int
    overdue: int
    places: Mapping[Place, tuple[At, ...]]


def work_in(model: ReadModel, now: datetime, clocks: Clocks) -> Work:
    """Return the work that waits by what a read model holds."""
    at = {"now": microseconds(now)}
    ages = [Counter[Severity]() for _ in (*AGES, None)]
    states: Counter[State] = Counter()
    unowned = overdue = 0
    for severity, opened_at, state, assignee, waits_since in model.ask(
        f"SELECT severity, opened_at, {STANDING_NOW}, assignee, waits_since "  # noqa: S608 - all of it is ours
        f"FROM cases WHERE {_OPEN}",
        at,
    ):
        age = timedelta(microseconds=at["now"] - opened_at)
        ages[sum(age >= limit for limit in AGES)][SEVERITIES[severity]] += 1
        states[state] += 1
        unowned += assignee is None
        if state == "open" and waits_since is not None:
            overdue += moment_of(waits_since) + clocks.of(SEVERITIES[severity]) <= now
    limits = [None, *AGES, None]
    return Work(
        cases=_all(sum(ages, Counter[Severity]())),
        ages=tuple(
            Aged(since, until, _all(found))
            for since, until, found in zip(limits, limits[1:], ages, strict=False)
        ),
        states={state: states[state] for state in TO_DO},
        unowned=unowned,
        overdue=overdue,
        places={"site": _places(model, "site", at), "team": _places(model, "team", at)},
    )


def _places(model: ReadModel, kind: Place, at: dict[str, int]) -> tuple[At, ...]:
    found: dict[str | None, Counter[Severity]] = {}
    for name, severity, number in model.ask(
        f"SELECT {kind}, severity, count(*) FROM cases WHERE {_OPEN} GROUP BY 1, 2",  # noqa: S608 - all of it is ours
        at,
    ):
        found.setdefault(name, Counter())[SEVERITIES[severity]] += number
    places = [At(name, _all(cases)) for name, cases in found.items()]
    return tuple(sorted(places, key=lambda one: (_worst_first(one.cases), one.name or "")))


def _worst_first(cases: BySeverity) -> tuple[int, ...]:
    return tuple(-cases[severity] for severity in reversed(SEVERITIES))


def _all(counts: Counter[Severity]) -> BySeverity:
    return {severity: counts[severity] for severity in reversed(SEVERITIES)}
