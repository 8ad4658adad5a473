"""The end of a judged day: which alerts are due."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from msgspec import Struct

from detectors.agents.alerting.agent_alert import (
    AgentAlerts,
    AlertContext,
    EvidenceSummary,
    summarize,
)
from detectors.agents.alerting.open_alerts import AlertInput, OpenAlerts, has_excess
from detectors.alerts.alert import Alert
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.explanation import EvidenceExplanation
from detectors.messages.outcomes import AgentId, Spread


class EvidenceSource(Protocol):
    """Evidence by row, and its beginning anew."""

    def agent_days(self) -> Integers:
        """Give the agent-days of every row since its last restart."""

    def explanation(self, row: int) -> EvidenceExplanation:
        """Say how strong the evidence of a row is, and since when it speaks."""

    def restart(self, row: int) -> None:
        """Begin anew with a row."""


def largest_of_day(evidence: Reals, rows: Integers, levels: Reals) -> Reals:
    """Give the largest evidence of every row on a day: it may pass the threshold and fall again.

    `evidence` is that at the end of the day, `levels` that of `rows` after each outcome. Judging by
    the largest spends nothing of the budget, which holds for any time of stopping.
    """
    largest = evidence.copy()
    np.maximum.at(largest, rows, levels)
    return largest


class DayResult(Struct, frozen=True):
    """A judged day at its end: agents in the order of rows, and the largest evidence of each."""

    day: int
    agents: Sequence[AgentId]
    evidence: Reals
    spread: Spread


def due_alerts(
    end: DayResult,
    source: EvidenceSource,
    open_alerts: OpenAlerts,
    alerts: AgentAlerts,
    *,
    critical: Callable[[int, EvidenceSummary], bool],
    context: Callable[[int, EvidenceSummary], AlertContext],
) -> list[Alert]:
    """Move the cases on to the end of the day; give the alerts that are due, row by row.

    `critical` says whether a row may be critical, `context` what its alert says beside how things
    stand.
    """
    day, agents, evidence = end.day, end.agents, end.evidence
    known: dict[int, EvidenceSummary] = {}

    def alert_input(row: int) -> AlertInput:
        explanation, largest = source.explanation(row), float(evidence[row])
        summary = known[row] = summarize(explanation, largest, day, end.spread)
        return AlertInput(
            summary.start.since.observed,
            excess=has_excess(explanation, end.spread.between_agent_sd),
            critical=critical(row, summary),
        )

    told = open_alerts.advance(
        day,
        evidence,
        source.agent_days(),
        alert_id=lambda row: alerts.alert_id(agents[row], day),
        alert_input=alert_input,
        restart=source.restart,
    )
    return [
        alerts.revision(
            agents[due.row], due.alert, due.status, known[due.row], context(due.row, known[due.row])
        )
        for due in told
    ]
