"""The open alerts of one tier of one pattern, advanced at the end of every judged day."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.agents.alerting.lifecycle import OpenAlert, next_status
from detectors.alerts.alert import Severity, Status
from detectors.basis.event_time import Day, end_of_day
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.explanation import EvidenceExplanation
from detectors.evidence.rate_ratio import ratio_of_honest
from detectors.evidence.rows import EvidenceRows

PERIOD: Final = 365
"""Agent-days after which evidence is restarted (`docs/statistics.md`, section 9)."""


LEAST_EXCESS: Final = 1.2
"""The rate ratio, as of an honest agent, above which an alert may be opened.

Agents who turned from 5 % to 15 % or more are beyond 1.4 when the evidence passes the threshold.
"""


class AlertInput(Struct, frozen=True):
    """What an open alert is advanced by, beside the evidence.

    ``observed`` counts the bad outcomes it rests on, ``excess`` is whether they are notably more
    than peers would have (asked before an alert is opened), ``critical`` whether it may be
    critical.
    """

    observed: int
    excess: bool
    critical: bool


_NOTHING: Final = AlertInput(0, excess=False, critical=False)


class DueRevision(Struct, frozen=True):
    """A revision that is due."""

    row: int
    alert: OpenAlert
    status: Status


class OpenAlerts:
    """Opens an alert when evidence passes the threshold, and resolves it when it has stayed below.

    An alert is opened only about an agent who has more bad outcomes than peers: one who was far
    better than they are and becomes like them is nobody to warn of.

    Parameters
    ----------
    threshold
        Evidence at which an alert is opened.
    resolve_after_days
        How long evidence must have stayed below it.
    """

    def __init__(self, threshold: float, resolve_after_days: float) -> None:
        self._threshold: Final = threshold
        self._resolve_after_days: Final = resolve_after_days
        self.by_row: dict[int, OpenAlert] = {}
        self._over: frozenset[int] = frozenset()

    def end(self, rows: Iterable[int]) -> None:
        """Let the evidence of some rows end with the day that is advanced to next.

        People found it honest: an open alert is resolved, and the evidence begins anew.
        """
        self._over = frozenset(rows)

    def counts(self) -> dict[Severity, int]:
        """Count the open alerts by severity."""
        counts: dict[Severity, int] = {"warning": 0, "critical": 0}
        for alert in self.by_row.values():
            counts[alert.emitted_severity] += 1
        return counts

    def advance(
        self,
        day: Day,
        evidence: Reals,
        agent_days: Integers,
        *,
        alert_id: Callable[[int], str],
        alert_input: Callable[[int], AlertInput],
        restart: Callable[[int], None],
    ) -> Iterator[DueRevision]:
        """Advance all open alerts to the end of `day`; yield the revisions that are due, by row.

        `evidence` and `agent_days` have one element a row. A row's evidence is restarted once its
        alert is resolved, when it was to `end`, or after a period without an alert. The caller must
        use each revision before it asks for the next.
        """
        # Only these rows, and rows with an open alert, can change: the rest are never looked at.
        notable = np.flatnonzero((evidence >= self._threshold) | (agent_days >= PERIOD))
        ending, self._over = self._over, frozenset()
        for row in sorted({*notable.tolist(), *self.by_row, *ending}):
            alert, over = self.by_row.get(row), row in ending
            strong = bool(evidence[row] >= self._threshold)
            seen = alert_input(row) if strong or alert is not None else _NOTHING
            if alert is None:
                if over or not (strong and seen.excess):
                    if over or agent_days[row] >= PERIOD:
                        restart(row)
                    continue
                alert = self.by_row[row] = OpenAlert(alert_id(row), end_of_day(day))
            status = next_status(
                alert,
                day=day,
                strong=strong,
                critical=strong and seen.critical and not over,
                observed=seen.observed,
                resolve_after_days=self._resolve_after_days,
                over=over,
            )
            if status is not None:
                # Before the restart below: the revision is made from the evidence that it resets.
                yield DueRevision(row, alert, status)
            if status == "resolved":
                del self.by_row[row]
                restart(row)


def alarms(
    open_alerts: OpenAlerts, day: Day, table: EvidenceRows, evidence: Reals, between_agent_sd: float
) -> int:
    """Advance the open alerts of a shadow null, and count those that were opened."""

    def alert_input(row: int) -> AlertInput:
        excess = has_excess(table.explanation(row), between_agent_sd)
        return AlertInput(0, excess=excess, critical=False)

    due_revisions = open_alerts.advance(
        day,
        evidence,
        table.agent_days(),
        alert_id=_nobody,
        alert_input=alert_input,
        restart=table.restart,
    )
    return sum(due.alert.revision == 1 for due in due_revisions)


def has_excess(explanation: EvidenceExplanation, between_agent_sd: float) -> bool:
    """Return whether an agent has had notably more bad outcomes since the likely start than peers.

    By the ratio as of an honest agent: one who has turned from half the peers' rate to all of
    it has not.
    """
    if explanation.start is None:
        return False
    since = explanation.start.since
    return ratio_of_honest(since.observed, since.expected, between_agent_sd) > LEAST_EXCESS


def _nobody(_: int) -> str:
    return ""
