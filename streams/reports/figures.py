"""The figures of an alert, whatever form its evidence has: the one place of the report to read it.

What is absent is None, or 0 for a count: evidence of one kind has not the figures of another.
"""

from datetime import date
from typing import Any, Final, NamedTuple

from detectors.alerts.alert import Alert
from detectors.basis.durations import in_words

RANKS: Final = {"critical": 0, "warning": 1, "info": 2}
"""Severities, the worst first."""


class Figures(NamedTuple):
    """What an alert rests on.

    Attributes
    ----------
    observed, trials
        Bad outcomes as counted, and of how many (0 where none is known: early tier, profile).
    expected
        Bad ones that would be among peers.
    ratio, low, high
        The estimated multiple of what peers have, with its 90 % interval.
    value, threshold
        The evidence, and where a warning begins.
    since
        The day from which the outcomes speak most strongly.
    window
        The window of the pattern in words, "" without one.
    pending
        Sales that are still in their window.
    null_alarms, null_years
        Warnings of this pattern by chance alone, and in how many agent-years.
    """

    observed: int
    trials: int
    expected: float | None
    ratio: float | None
    low: float | None
    high: float | None
    value: float | None
    threshold: float | None
    since: date | None
    window: str
    pending: int
    null_alarms: int | None
    null_years: float | None

    def times(self) -> float | None:
        """Return the multiple of what peers have, as counted."""
        return self.observed / self.expected if self.expected else None

    def rate(self) -> float | None:
        """Return the share of bad outcomes, as counted."""
        return self.observed / self.trials if self.trials else None

    def peers_rate(self) -> float | None:
        """Return the share that would be bad among peers."""
        return self.expected / self.trials if self.trials and self.expected is not None else None


def figures_of(alert: Alert) -> Figures:
    """Return the figures of an alert."""

    def read(name: str, default: Any = None) -> Any:  # noqa: ANN401 - fields are of several types
        return getattr(alert.evidence, name, default)

    since, window = read("likely_start"), read("window")
    return Figures(
        observed=read("observed", 0),
        trials=read("matured", 0),
        expected=read("expected"),
        ratio=read("rate_ratio"),
        low=read("rate_ratio_low"),
        high=read("rate_ratio_high"),
        value=read("value"),
        threshold=read("threshold"),
        since=None if since is None else date.fromisoformat(since),
        window=in_words(window) if window else "",
        pending=read("pending", 0),
        null_alarms=read("null_alarms"),
        null_years=read("null_agent_years"),
    )


def strength(alert: Alert) -> tuple[int, float, float, str]:
    """Return the key that sorts alerts by severity, the strongest first."""
    figures = figures_of(alert)
    return (
        RANKS[alert.severity],
        -(figures.low or 0.0),
        -(figures.value or 0.0),
        alert.alert_id,
    )
