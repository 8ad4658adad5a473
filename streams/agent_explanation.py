"""The arithmetic behind an alert about an agent, beside what the alert says."""

from collections.abc import Sequence
from math import isclose
from typing import Final, NamedTuple

from rich.console import Console
from rich.table import Table

from detectors.agents.stage import DAYS_PER_1000_AGENT_YEARS
from detectors.agents.watch import PERIOD
from detectors.alerts import Alert
from detectors.durations import in_words, seconds_of
from detectors.event_time import DAY, day_name, day_of
from detectors.settings import Settings
from streams.recomputation import Corrected, Course, Judged, Rules

TOLERANCE: Final = 1e-5
"""Relative; alerts carry six significant figures."""

SHOWN_DAYS: Final = 15
MOST_IMAGINED: Final = 5_000


class Comparison(NamedTuple):
    """One revision, and the same figures recomputed."""

    alert: Alert
    evidence: float
    matured: int
    observed: int
    expected: float

    def agrees(self) -> bool:
        """Tell whether alert and recomputation say the same."""
        said = self.alert.evidence
        return (
            said.value is not None
            and said.expected is not None
            and isclose(said.value, self.evidence, rel_tol=TOLERANCE)
            and isclose(said.expected, self.expected, rel_tol=TOLERANCE)
            and (said.matured, said.observed) == (self.matured, self.observed)
        )


class AgentExplanation:
    """What can be recomputed about one alert.

    Parameters
    ----------
    settings
        All settings, those the alert was made with.
    revisions
        Of the alert, oldest first; at least one.
    judged, corrected
        All outcomes of its agent and pattern, and what late events changed about them.
    last_day
        The last day that was judged.
    """

    def __init__(
        self,
        settings: Settings,
        revisions: Sequence[Alert],
        judged: Sequence[Judged],
        corrected: Sequence[Corrected],
        last_day: int,
    ) -> None:
        evidence = settings.evidence
        patterns = len(settings.patterns.enabled())
        self._resolve_after: Final = evidence.resolve_after
        self._rules: Final = Rules(
            evidence.between_agent_sd,
            DAYS_PER_1000_AGENT_YEARS * patterns / evidence.false_alarms_per_1000_agent_years,
            seconds_of(evidence.resolve_after) / DAY,
            PERIOD,
        )
        self._latest: Final = revisions[-1]
        self._corrected: Final = corrected
        self._course: Final = Course(judged, corrected, self._rules, last_day)
        self.comparisons: Final = [
            _compare(alert, Course(judged, corrected, self._rules, _day(alert)))
            for alert in revisions
        ]

    def agrees(self) -> bool:
        """Tell whether every revision says what its recomputation does."""
        return all(comparison.agrees() for comparison in self.comparisons)

    def print(self, console: Console) -> None:
        """Show the arithmetic."""
        console.print(self._revision_table())
        console.print(self._day_table())
        if self._corrected:
            console.print(
                f"Late events corrected {len(self._corrected)} of the outcomes after they had "
                "been judged; the evidence was computed anew from there on."
            )
        console.print(self._what_would_clear_it())

    def _revision_table(self) -> Table:
        table = Table(title="Reported, and recomputed beside it", title_justify="left")
        table.add_column("rev.", justify="right")
        table.add_column("at the end of")
        table.add_column("status")
        for name in ("bad", "expected", "of", "evidence"):
            table.add_column(name, justify="right")
        table.add_column("agree")
        for comparison in self.comparisons:
            alert, said = comparison.alert, comparison.alert.evidence
            table.add_row(
                str(alert.revision),
                day_name(_day(alert)),
                f"{alert.status}\n{alert.severity}",
                f"{said.observed}\n{comparison.observed}",
                f"{said.expected:.6g}\n{comparison.expected:.6g}",
                f"{said.matured}\n{comparison.matured}",
                f"{said.value:.6g}\n{comparison.evidence:.6g}",
                "yes" if comparison.agrees() else "NO",
            )
        return table

    def _day_table(self) -> Table:
        start, end = self._latest.evidence.likely_start or "", _day(self._latest)
        days = [
            day
            for day in self._course.days
            if day.matured and day.day <= end and day_name(day.day) >= start
        ]
        earlier, shown = days[:-SHOWN_DAYS], days[-SHOWN_DAYS:]
        table = Table(title=f"Day by day since {start}", title_justify="left")
        table.add_column("windows ended on")
        for name in ("sales", "bad", "expected", "evidence after"):
            table.add_column(name, justify="right")
        if earlier:
            table.add_row(
                f"{len(earlier)} days before",
                str(sum(day.matured for day in earlier)),
                str(sum(day.bad for day in earlier)),
                f"{sum(day.expected for day in earlier):.2f}",
                f"{earlier[-1].evidence:.6g}",
                end_section=True,
            )
        for day in shown:
            table.add_row(
                day_name(day.day),
                str(day.matured),
                str(day.bad),
                f"{day.expected:.2f}",
                f"{day.evidence:.6g}",
            )
        return table

    def _what_would_clear_it(self) -> str:
        if self._latest.status != "open":
            return f"The alert is {self._latest.status}: the evidence has fallen and stayed down."
        latest = self.comparisons[-1]
        threshold = self._rules.threshold
        days = {
            day.day for day in self._course.days if day.matured and day.day <= _day(latest.alert)
        }
        likely_start = latest.alert.evidence.likely_start or ""
        active = sum(day_name(day) >= likely_start for day in days)
        per_day = max(1, round(latest.matured / max(1, active)))
        count = self._course.good_outcomes_to_fall(
            latest.expected / latest.matured, per_day, MOST_IMAGINED
        )
        now = f"The evidence at the end of {day_name(self._course.days[-1].day)}"
        value = self._course.days[-1].evidence
        stay = f"having stayed there for {in_words(self._resolve_after)}, the alert is resolved"
        if count is None:
            return (
                f"{now} is {value:.6g}. More than {MOST_IMAGINED:,} good outcomes in a row would "
                f"be needed to bring it below the threshold of {threshold:.6g}."
            )
        if count == 0:
            return f"{now} is {value:.6g}, below the threshold of {threshold:.6g}; {stay}."
        return (
            f"{now} is {value:.6g}. About {count:,} further good outcomes in a row ({per_day} a "
            f"day) would bring it below the threshold of {threshold:.6g}; {stay}."
        )


def _day(alert: Alert) -> int:
    """Give the day at whose end a revision was made."""
    return day_of(alert.updated_at.timestamp()) - 1


def _compare(alert: Alert, course: Course) -> Comparison:
    start = alert.evidence.likely_start or ""
    outcomes = [outcome for outcome in course.outcomes() if day_name(outcome.day) >= start]
    return Comparison(
        alert,
        course.days[-1].evidence if course.days else 0.0,
        len(outcomes),
        sum(outcome.bad for outcome in outcomes),
        sum(outcome.expected for outcome in outcomes),
    )
