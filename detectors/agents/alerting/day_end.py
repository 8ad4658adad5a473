"""The end of a judged day: which alerts are due."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from msgspec import Struct

from detectors.agents.alerting.agent_alert import AgentAlerts, Finding, Standing, standing_of
from detectors.agents.alerting.open_alerts import Cases, Look, has_excess
from detectors.alerts.alert import Alert
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.explanation import Explanation
from detectors.messages.outcomes import AgentId, Spread


class Standings(Protocol):
    """Evidence by row, and its beginning anew."""

    def agent_days(self) -> Integers:
        """Give the agent-days of every row since its last restart."""

    def explanation(self, row: int) -> Explanation:
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


class DayEnd(Struct, frozen=True):
    """A judged day at its end: agents in the order of rows, and the largest evidence of each."""

    day: int
    agents: Sequence[AgentId]
    evidence: Reals
    spread: Spread


def due_alerts(
    end: DayEnd,
    standings: Standings,
    cases: Cases,
    alerts: AgentAlerts,
    *,
    critical: Callable[[int, Standing], bool],
    finding: Callable[[int, Standing], Finding],
) -> list[Alert]:
    """Move the cases on to the end of the day; give the alerts that are due, row by row.

    `critical` says whether a row may be critical, `finding` what its alert says beside how things
    stand.
    """
    day, agents, evidence = end.day, end.agents, end.evidence
    known: dict[int, Standing] = {}

    def look(row: int) -> Look:
        explanation, largest = standings.explanation(row), float(evidence[row])
        standing = known[row] = standing_of(explanation, largest, day, end.spread)
        return Look(
            standing.start.since.observed,
            excess=has_excess(explanation, end.spread.between_agent_sd),
            critical=critical(row, standing),
        )

    told = cases.move_on(
        day,
        evidence,
        standings.agent_days(),
        alert_id=lambda row: alerts.alert_id(agents[row], day),
        look=look,
        restart=standings.restart,
    )
    return [
        alerts.revision(
            agents[due.row], due.case, due.status, known[due.row], finding(due.row, known[due.row])
        )
        for due in told
    ]
