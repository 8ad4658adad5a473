"""The arithmetic behind an alert about an agent or a group, beside what the alert says."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final

from msgspec import UNSET, UnsetType
from rich.console import Console
from rich.table import Table

from detectors.agents.alerting.budget import group_thresholds, thresholds
from detectors.agents.alerting.open_alerts import LEAST_EXCESS, PERIOD
from detectors.alerts.alert import Alert, Ending, Withdrawal, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.durations import in_words, seconds_of
from detectors.basis.event_time import DAY, Day, day_name
from detectors.evidence.rate_ratio import ratio_of_honest
from detectors.patterns import EarlyPattern, Pattern
from detectors.peers.spread import first_spread
from detectors.settings import Settings
from streams.explain.chart import evidence_chart, opened_at_end_of, reported_at_end_of
from streams.explain.comparison import Comparison
from streams.explain.course import Corrected, Course, CourseDay, Rules
from streams.explain.evidence import Judged
from streams.explain.tables import CellCount, Headings, cell_table, day_table
from streams.explain.terminal_plot import print_plot
from streams.explain.words import cells_of, grounds_in_words

MOST_IMAGINED: Final = 5_000

_ENDED: Final[Mapping[Ending | UnsetType, str]] = {
    "evidence_fell": ": the evidence has fallen far below the threshold and stayed there",
    "silent": ": nothing of theirs has been judged for long, which explains nothing",
    "explained": ": two people found an honest explanation on that day",
}


_WITHDRAWN: Final[Mapping[Withdrawal, str]] = {
    "corrected": "The alert is withdrawn: by the outcomes as they were corrected, the evidence was "
    "at the threshold on no day since it was opened.",
    "common_cause": "The alert is withdrawn: a site or team rose as a whole, and the agent did not "
    "stand out within it. Explain the alert that it names.",
}


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
    opened
        The days at whose end an alert of its agent and pattern was opened.
    ended
        The days at whose end people had found its agent honest.
    struck
        The days at whose end an alert of its agent and pattern was withdrawn for a common cause.

    Attributes
    ----------
    chart
        What a picture of it shows.
    comparisons
        Each revision beside its recomputation.
    """

    def __init__(
        self,
        settings: Settings,
        revisions: Sequence[Alert],
        judged: Sequence[Judged],
        corrected: Sequence[Corrected],
        last_day: Day,
        opened: Collection[Day],
        ended: Collection[Day] = (),
        struck: Collection[Day] = (),
    ) -> None:
        self._resolve_after: Final = settings.evidence.resolve_after
        self._latest: Final = revisions[-1]
        self._tier: Final = settings.patterns.tier(self._latest.pattern)
        self._rules: Final = _rules(settings, self._tier, self._latest)
        self._likely_start: Final = evidence_of(self._latest, AgainstPeers).likely_start
        self._corrected: Final = corrected
        self._headings: Final = _headings(settings, self._tier, self._latest)
        self._grounds: Final = grounds_in_words(settings, self._latest)
        known = (opened, ended, struck)
        course = self._course = Course(judged, corrected, self._rules, last_day, *known)
        self.chart: Final = evidence_chart(revisions, course, self._rules.threshold, self._tier)

        def until(day: Day) -> Course:
            if not corrected:
                return course
            return Course(judged, corrected, self._rules, day, *known)

        self.comparisons: Final = [
            _compare(alert, until(reported_at_end_of(alert)), self._rules) for alert in revisions
        ]

    def agrees(self) -> bool:
        """Return whether every revision says what its recomputation does, and a case was due."""
        same = all(comparison.agrees() for comparison in self.comparisons)
        return same and not self._why_unfounded()

    def print(self, console: Console) -> None:
        """Show the arithmetic."""
        print_plot(self.chart, console)
        console.print(self._revision_table())
        console.print(day_table(self._shown_days(), self._headings, self._likely_start))
        console.print(cell_table(self._reported_cells(), self._headings, self._likely_start))
        if why := self._why_unfounded():
            console.print(why)
        for sentence in self._grounds:
            console.print(sentence)
        if self._corrected:
            console.print(
                f"Late events corrected {len(self._corrected)} of the outcomes after they had "
                "been judged; the evidence was computed anew from there on."
            )
        console.print(self._what_would_clear_it())

    def _revision_table(self) -> Table:
        table = Table(title="Reported, and recomputed beside it", title_justify="left")
        table.add_column("rev.", justify="right", overflow="fold")
        table.add_column("at the end of", overflow="fold")
        table.add_column("status", overflow="fold")
        for name in ("bad", "expected", "of", "times peers", "evidence"):
            table.add_column(name, justify="right", overflow="fold")
        table.add_column("agree", overflow="fold")
        for comparison in self.comparisons:
            alert, said = comparison.alert, comparison.said
            table.add_row(
                str(alert.revision),
                day_name(reported_at_end_of(alert)),
                f"{comparison.said_state()}, {alert.severity}\n{comparison.state()}",
                f"{said.observed}\n{comparison.observed}",
                f"{said.expected:.6g}\n{comparison.expected:.6g}",
                f"{comparison.said_matured}\n{comparison.matured}",
                f"{said.rate_ratio:.4g}\n{comparison.effect().estimate:.4g}",
                f"{said.value:.6g}\n{comparison.evidence:.6g}",
                "yes" if comparison.agrees() else "NO",
            )
        return table

    def _shown_days(self) -> list[CourseDay]:
        """Return the days since the likely start on which outcomes were judged."""
        start, end = self._likely_start, reported_at_end_of(self._latest)
        return [
            day
            for day in self._course.days
            if day.matured and day.day <= end and day_name(day.day) >= start
        ]

    def _reported_cells(self) -> list[CellCount]:
        """Return the outcomes that the latest revision counts, as they stand now, by peer cell."""
        start, end = self._likely_start, reported_at_end_of(self._latest)
        return [
            CellCount(outcome.cell, outcome.trials, outcome.badly(), outcome.expected_bad())
            for outcome in self._course.outcomes()
            if outcome.day <= end and day_name(outcome.day) >= start
        ]

    def _why_unfounded(self) -> str:
        """Return why the alert should not have been opened; empty if it should."""
        day, first = opened_at_end_of(self._latest), self.comparisons[0]
        if any(end.unfounded for end in self._course.days if end.day == day):
            return (
                f"At the end of {day_name(day)}, when the alert was opened, the evidence did not "
                f"pass the threshold of {self._rules.threshold:.6g}."
            )
        sd = first.said.between_agent_sd
        ratio = ratio_of_honest(first.observed, first.expected, sd)
        if first.alert.revision == 1 and ratio <= LEAST_EXCESS:
            return (
                "When the alert was opened, there were not notably more bad outcomes than expected."
            )
        return ""

    def _what_would_clear_it(self) -> str:
        if self._latest.withdrawal is not UNSET:
            return _WITHDRAWN[self._latest.withdrawal]
        if self._latest.status != "open":
            return f"The alert is {self._latest.status}{_ENDED.get(self._latest.ending, '')}."
        low, value = self._rules.low, self._course.standing()
        now = f"The evidence at the end of {day_name(self._course.days[-1].day)} is {value:.6g}"
        stay = f"having stayed there for {in_words(self._resolve_after)}, the alert is resolved"
        if value < low:
            return f"{now}, below the {low:.6g} where alerts end; {stay}."
        usual = self._usual()
        if usual is None:
            return f"{now}. What would end the alert cannot be said: no outcome is left."
        expected, per_day, unit = usual
        count = self._course.good_outcomes_to_fall(expected, per_day, MOST_IMAGINED)
        if count is None:
            return (
                f"{now}. More than {MOST_IMAGINED:,} further {unit} would be needed to bring it "
                f"below the {low:.6g} where alerts end."
            )
        return (
            f"{now}. About {count:,} further {unit} would bring it below the {low:.6g} "
            f"where alerts end; {stay}."
        )

    def _usual(self) -> tuple[float, int, str] | None:
        """Return what a good outcome is: its probability, how many a day, and both in words."""
        latest = self.comparisons[-1]
        days = self._shown_days()
        if not days or latest.expected == 0.0:
            return None
        if self._rules.early:
            expected = latest.expected / len(days)
            words = f"days in a row on which {expected:.2f} sales are expected to end badly"
            return expected, 1, f"{words} (their usual day) and none does"
        expected = latest.expected / latest.matured
        if self._tier.counted == "days":
            return expected, 1, "good days in a row (those with sales whose window ends)"
        per_day = max(1, round(latest.matured / len(days)))
        return expected, per_day, f"good outcomes in a row ({per_day} a day)"


def _headings(settings: Settings, tier: Pattern, alert: Alert) -> Headings:
    days = "day" if isinstance(tier, EarlyPattern) else "windows ended on"
    return Headings(days, tier.counted, "/".join(cells_of(settings, tier, alert.subject)))


def _rules(settings: Settings, tier: Pattern, alert: Alert) -> Rules:
    limits = thresholds(settings) if alert.subject.type == "agent" else group_thresholds(settings)
    evidence, threshold = settings.evidence, limits[tier.name]
    return Rules(
        first_spread(evidence).between_agent_sd,
        threshold,
        evidence.resolve_below * threshold,
        seconds_of(evidence.resolve_after) / DAY,
        seconds_of(evidence.silent_after) / DAY,
        PERIOD,
        early=isinstance(tier, EarlyPattern),
    )


def _compare(alert: Alert, course: Course, rules: Rules) -> Comparison:
    start, end = evidence_of(alert, AgainstPeers).likely_start, reported_at_end_of(alert)
    days = [day for day in course.days if day.day <= end]
    outcomes = [
        outcome
        for outcome in course.outcomes()
        if outcome.day <= end and day_name(outcome.day) >= start
    ]
    return Comparison(
        alert,
        days[-1].evidence if days else 0.0,
        0 if rules.early else len(outcomes),
        sum(outcome.badly() for outcome in outcomes),
        sum(outcome.expected_bad() for outcome in outcomes),
        days[-1].quiet_since if days else None,
        days[-1].ending if days else None,
        days[-1].withdrawal if days else None,
    )
