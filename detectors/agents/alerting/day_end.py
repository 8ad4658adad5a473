"""The end of a judged day: which alerts are due."""

from collections.abc import Callable, Sequence

import numpy as np
from msgspec import Struct

from detectors.agents.alerting.agent_alert import (
    AgentAlerts,
    AlertContext,
    EvidenceSummary,
    summarize,
)
from detectors.agents.alerting.doubt import NO_DOUBT, Doubt
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.open_alerts import (
    AlertInput,
    EvidenceSource,
    OpenAlerts,
    has_excess,
)
from detectors.alerts.alert import Alert
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, GroupKind
from detectors.evidence.arrays import Integers, Reals
from detectors.messages.outcomes import Spread

StandsOut = Callable[[AgentId, EvidenceSummary], bool]
"""Whether somebody stands out by themselves: else what the evidence shows is told of others."""

ToldBy = Callable[[AgentId, EvidenceSummary, OpenAlert], tuple[tuple[GroupKind, str], ...]]
"""The alerts that tell of a group what an open alert tells of a member, by kind; mostly none."""


def always(_: AgentId, __: EvidenceSummary) -> bool:
    """Return True: nobody else is asked for."""
    return True


def nobody(_: AgentId, __: EvidenceSummary, ___: OpenAlert) -> tuple[tuple[GroupKind, str], ...]:
    """Return nothing: what is told of somebody is told of nobody else."""
    return ()


def largest_of_day(evidence: Reals, rows: Integers, levels: Reals) -> Reals:
    """Return the largest evidence of every row on a day: it may pass the threshold and fall again.

    `evidence` is that at the end of the day, `levels` that of `rows` after each outcome. Judging by
    the largest costs nothing of the budget, which holds for any stopping time.
    """
    largest = evidence.copy()
    np.maximum.at(largest, rows, levels)
    return largest


class DayResult(Struct, frozen=True):
    """A judged day at its end: agents in the order of rows, and the largest evidence of each."""

    day: Day
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
    stands_out: StandsOut,
    doubt: Callable[[int, AgentId, EvidenceSummary, OpenAlert], Doubt],
    context: Callable[[int, EvidenceSummary], AlertContext],
) -> list[Alert]:
    """Advance the open alerts to the end of the day; return the revisions that are due, by row.

    `critical` returns whether a row may be critical, `stands_out` whether an alert may be opened,
    or rise, at all, `doubt` what speaks against one that is open, and `context` what it says beside
    the evidence.
    """
    day, agents, evidence = end.day, end.agents, end.evidence
    known: dict[int, EvidenceSummary] = {}
    doubts: dict[int, Doubt] = {}

    def alert_input(row: int) -> AlertInput:
        alert = open_alerts.by_row.get(row)
        explanation, largest = source.explanation(row), float(evidence[row])
        summary = known[row] = summarize(explanation, largest, day, end.spread)
        # Of an open alert nobody asks the first; the last is asked last, because it takes longest.
        excess = alert is None and has_excess(explanation, end.spread.between_agent_sd)
        against = NO_DOUBT if alert is None else doubt(row, agents[row], summary, alert)
        doubts[row] = against
        rises = alert is None or alert.emitted_severity != "critical"
        is_critical = rises and against.withdrawal is None and critical(row, summary)
        alone = not (excess or is_critical) or stands_out(agents[row], summary)
        return AlertInput(
            summary.start.since.observed,
            excess=excess and alone,
            critical=is_critical and alone,
            start=summary.start,
            corrected=against.taken_back is not None,
            withdrawal=against.withdrawal,
        )

    due_revisions = open_alerts.advance(
        day,
        evidence,
        source,
        alert_id=lambda row: alerts.alert_id(agents[row], day),
        alert_input=alert_input,
    )
    return [
        alerts.revision(
            agents[due.row],
            due.alert,
            due.status,
            known[due.row],
            context(due.row, known[due.row]),
            doubts[due.row],
        )
        for due in due_revisions
    ]
