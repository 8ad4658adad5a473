"""What is measured of cases: how they stand, what became of them, and how long people took."""

from collections import Counter
from collections.abc import Iterable, Mapping
from statistics import median
from typing import Final

from detectors.alerts.alert import Severity
from detectors.basis.identifiers import PatternName
from detectors.cases.case import Case
from detectors.cases.figures import figures_of
from streams.metrics.instruments import Instruments

OTHER_SITES: Final = "(other)"
"""The site of whatever is beyond the most that are told apart."""


class CaseMetrics(Instruments):
    """Metrics of a keeper of cases, in a registry of its own.

    Parameters
    ----------
    most_sites
        How many sites have series of their own: those with the most open alerts.
    """

    def __init__(self, most_sites: int) -> None:
        super().__init__()
        self._most_sites: Final = most_sites
        self._cases: Final = self.gauge(
            "aboveboard_cases", "Cases, by state and severity.", "state", "severity"
        )
        self._closings: Final = self.gauge(
            "aboveboard_case_closings",
            "Cases that are closed, by pattern and by what people found.",
            "pattern",
            "outcome",
        )
        self._open_alerts: Final = self.gauge(
            "aboveboard_case_open_alerts",
            "Open alerts in cases that nobody has closed, by pattern, severity and site.",
            "pattern",
            "severity",
            "site",
        )
        self._acknowledge: Final = self.gauge(
            "aboveboard_case_acknowledge_median_seconds",
            "Half of the acknowledged cases were acknowledged within this time.",
        )
        self._close: Final = self.gauge(
            "aboveboard_case_close_median_seconds",
            "Half of the closed cases were closed within this time.",
        )
        self._decisions: Final = self.gauge(
            "aboveboard_case_decisions", "Decisions of people, refused ones too."
        )
        self._refusals: Final = self.gauge(
            "aboveboard_case_refused_decisions",
            "Decisions that do not count, by reason.",
            "reason",
        )
        self._unmatched: Final = self.gauge(
            "aboveboard_case_unmatched_decisions",
            "Decisions about cases of which no alert is known.",
        )
        self._written: Final = self.counter(
            "aboveboard_case_records", "Records written to cases-current."
        )
        self._foreign: Final = self.gauge(
            "aboveboard_case_foreign_records",
            "Records that other programs wrote among ours, by topic.",
            "topic",
        )
        self._disagreements: Final = self.gauge(
            "aboveboard_case_disagreements",
            "Cases that another keeper tells otherwise: it has other settings, or another release.",
        )
        self._lag: Final = self.gauge(
            "aboveboard_case_lag_records", "Records of alerts, decisions and cases not read yet."
        )
        self._ready: Final = self.gauge(
            "aboveboard_case_ready", "1 once everything was read and cases are told, else 0."
        )

    def of_cases(self, cases: Iterable[Case], unmatched: int) -> None:
        """Set everything that is known from the cases themselves."""
        known = list(cases)
        figures = figures_of(known)
        self._cases.clear()
        for (state, severity), count in Counter((c.state, c.severity) for c in known).items():
            self._cases.labels(state, severity).set(count)
        self._closings.clear()
        for pattern, closings in figures.closings.items():
            for outcome, count in closings.items():
                self._closings.labels(pattern, outcome).set(count)
        self._of_sites(figures.open_alerts)
        self._acknowledge.set(median(figures.to_acknowledge or (0.0,)))
        self._close.set(median(figures.to_close or (0.0,)))
        self._decisions.set(figures.decisions)
        self._refusals.clear()
        for reason, count in figures.refused.items():
            self._refusals.labels(reason).set(count)
        self._unmatched.set(unmatched)

    def of_topics(self, foreign: Mapping[str, int], disagreements: int) -> None:
        """Set what was found wrong in the topics."""
        for topic, count in foreign.items():
            self._foreign.labels(topic).set(count)
        self._disagreements.set(disagreements)

    def written(self, number: int) -> None:
        """Count records that were stored."""
        self._written.inc(number)

    def progress(self, lag: int, *, ready: bool) -> None:
        """Set how far behind the keeper is."""
        self._lag.set(lag)
        self._ready.set(ready)

    def _of_sites(self, counts: Mapping[tuple[PatternName, Severity, str | None], int]) -> None:
        """Set how many alerts are open at each site; a source that invents sites fills nothing."""
        by_site: Counter[str | None] = Counter()
        for (_, _, site), count in counts.items():
            by_site[site] += count
        largest = sorted(filter(None, by_site), key=lambda site: (-by_site[site], site))
        named = set(largest[: self._most_sites])
        told: Counter[tuple[str, str, str]] = Counter()
        for (pattern, severity, site), count in counts.items():
            place = "" if not site else site if site in named else OTHER_SITES
            told[pattern, severity, place] += count
        self._open_alerts.clear()
        for labels, count in told.items():
            self._open_alerts.labels(*labels).set(count)
