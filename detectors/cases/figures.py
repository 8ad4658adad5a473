"""What became of the alerts: how often each pattern was right, and how long people took."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import get_args

from msgspec import Struct

from detectors.alerts.alert import Severity
from detectors.basis.identifiers import PatternName
from detectors.cases.case import Case, Refusal
from detectors.events.decision import Outcome


class CaseFigures(Struct, frozen=True):
    """Figures over all cases.

    Attributes
    ----------
    closings
        How many closed cases each pattern was part of, by how they were closed.
    to_acknowledge, to_close
        Seconds from the opening of a case to its first acknowledgement and to its closing, of each
        case that has come so far.
    refused
        Decisions that did not count, by reason.
    decisions
        All decisions.
    open_alerts
        Open alerts in cases that nobody has closed, by pattern, severity and site (None where no
        site is known).
    """

    closings: Mapping[PatternName, Mapping[Outcome, int]]
    to_acknowledge: tuple[float, ...]
    to_close: tuple[float, ...]
    refused: Mapping[Refusal, int]
    decisions: int
    open_alerts: Mapping[tuple[PatternName, Severity, str | None], int]


def figures_of(cases: Iterable[Case]) -> CaseFigures:
    """Return the figures of these cases; durations in the order of the cases."""
    closings: dict[PatternName, Counter[Outcome]] = {}
    to_acknowledge, to_close = [], []
    refused: Counter[Refusal] = Counter()
    decisions = 0
    open_alerts: Counter[tuple[PatternName, Severity, str | None]] = Counter()
    for case in cases:
        if case.closing is None:
            open_alerts.update(
                (alert.pattern, alert.severity, alert.site)
                for alert in case.alerts
                if alert.status == "open"
            )
        decided = [entry for entry in case.history if entry.decision_id is not None]
        decisions += len(decided)
        refused.update(entry.refused for entry in decided if entry.refused is not None)
        if case.acknowledged_at is not None:
            to_acknowledge.append((case.acknowledged_at - case.opened_at).total_seconds())
        if case.closing is not None:
            to_close.append((case.closing.at - case.opened_at).total_seconds())
            for pattern in case.closing.patterns:
                closings.setdefault(pattern, Counter())[case.closing.outcome] += 1
    return CaseFigures(
        {pattern: _all_outcomes(closings[pattern]) for pattern in sorted(closings)},
        tuple(to_acknowledge),
        tuple(to_close),
        dict(sorted(refused.items())),
        decisions,
        open_alerts,
    )


def precision(closings: Mapping[Outcome, int]) -> float | None:
    """Return the share of confirmed among confirmed and honest; None if there are neither.

    A closing as unclear says nothing about the alert.
    """
    judged = closings["confirmed"] + closings["honest"]
    return closings["confirmed"] / judged if judged else None


def _all_outcomes(counts: Mapping[Outcome, int]) -> dict[Outcome, int]:
    return {outcome: counts.get(outcome, 0) for outcome in get_args(Outcome)}
