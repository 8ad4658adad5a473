"""The open alerts of one tier of one pattern, advanced at the end of every judged day."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, Protocol

import numpy as np
from msgspec import Struct, field

from detectors.agents.alerting.lifecycle import AlertDay, EndingRules, OpenAlert, next_status
from detectors.alerts.alert import Ending, Severity, Status, Withdrawal
from detectors.basis.event_time import Day, end_of_day
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.explanation import EvidenceExplanation, LikelyStart
from detectors.evidence.rate_ratio import ratio_of_honest
from detectors.evidence.rows import EvidenceRows
from detectors.settings import EvidenceSettings

PERIOD: Final = 365
"""Agent-days after which evidence is restarted (`docs/statistics.md`, section 9)."""


LEAST_EXCESS: Final = 1.2
"""The rate ratio, as of an honest agent, above which an alert may be opened.

Agents who turned from 5 % to 15 % or more are beyond 1.4 when the evidence passes the threshold.
"""


class AlertInput(Struct, frozen=True):
    """What an open alert is advanced by, beside the evidence.

    ``observed`` counts the bad outcomes it rests on since the likely ``start``, ``excess`` is
    whether they are notably more than peers would have (asked before an alert is opened),
    ``critical`` whether it may be critical. ``corrected`` and ``withdrawal`` are as in `AlertDay`.
    """

    observed: int
    excess: bool
    critical: bool
    start: LikelyStart | None = None
    corrected: bool = False
    withdrawal: Withdrawal | None = None


End = Ending | Withdrawal
"""Why an alert is over."""

_NOTHING: Final = AlertInput(0, excess=False, critical=False)


class DueRevision(Struct, frozen=True):
    """A revision that is due."""

    row: int
    alert: OpenAlert
    status: Status


class EvidenceSource(Protocol):
    """Evidence by row, which can be restarted and lowered."""

    def agent_days(self) -> Integers:
        """Return the agent-days of every row since its last restart."""

    def explanation(self, row: int) -> EvidenceExplanation:
        """Return how strong the evidence of a row is, and from which day on."""

    def restart(self, row: int) -> None:
        """Restart the evidence of a row."""

    def lower(self, row: int, evidence: float) -> None:
        """Let a row have no more than so much evidence."""


class OpenAlertsState(Struct):
    """An `OpenAlerts` in a snapshot.

    ``ended_after`` are, by row, the agent-days at the end of an alert whose evidence was kept.
    """

    by_row: dict[int, OpenAlert] = field(default_factory=dict)
    ended_after: dict[int, int] = field(default_factory=dict)


class OpenAlerts:
    """Opens an alert when evidence passes the threshold, and ends it long after it fell below.

    An alert is opened only about an agent who has more bad outcomes than peers: one who was far
    better than they are and becomes like them is nobody to warn of.

    Evidence outlives an alert that ended by itself, at most as strong as where alerts end
    (`docs/statistics.md`, section 9): whoever goes on as before is soon found again. What people
    found honest begins anew.

    Parameters
    ----------
    threshold
        Evidence at which an alert is opened.
    settings
        When one ends.
    severest
        What an alert is at most.
    """

    def __init__(
        self, threshold: float, settings: EvidenceSettings, severest: Severity = "critical"
    ) -> None:
        self._threshold: Final = threshold
        self._rules: Final = EndingRules.of(settings, threshold)
        self._first: Final[Severity] = "info" if severest == "info" else "warning"
        self._rises: Final = severest == "critical"
        self.state = OpenAlertsState()
        self._explained: frozenset[int] = frozenset()

    @property
    def by_row(self) -> Mapping[int, OpenAlert]:
        """The open alerts, each under its row."""
        return self.state.by_row

    def end(self, rows: Iterable[int]) -> None:
        """Let the evidence of some rows end with the day that is advanced to next.

        People found it honest: an open alert is resolved, and the evidence begins anew.
        """
        self._explained = frozenset(rows)

    def counts(self) -> dict[Severity, int]:
        """Count the open alerts by severity."""
        counts: dict[Severity, int] = {"warning": 0, "critical": 0, self._first: 0}
        for alert in self.by_row.values():
            counts[alert.emitted_severity] += 1
        return counts

    def advance(
        self,
        day: Day,
        evidence: Reals,
        source: EvidenceSource,
        *,
        alert_id: Callable[[int], str],
        alert_input: Callable[[int], AlertInput],
    ) -> Iterator[DueRevision]:
        """Advance all open alerts to the end of `day`; yield the revisions that are due, by row.

        `evidence` has one element a row: the largest of the day. A row of `source` is restarted
        when it was to `end`, or after a period without an alert; it is lowered when its alert ends
        in silence, or is withdrawn for a common cause. The caller must use each revision before it
        asks for the next.
        """
        state, agent_days = self.state, source.agent_days()
        # Only these rows, and rows with an open alert, can change: the rest are never looked at.
        notable = np.flatnonzero((evidence >= self._threshold) | (agent_days >= PERIOD))
        explained, self._explained = self._explained, frozenset()
        for row in sorted({*notable.tolist(), *state.by_row, *explained}):
            alert, days = state.by_row.get(row), int(agent_days[row])
            strong = bool(evidence[row] >= self._threshold)
            seen = alert_input(row) if strong or alert is not None else _NOTHING
            if alert is None:
                if row in explained or not (strong and seen.excess):
                    if row in explained or days - state.ended_after.get(row, 0) >= PERIOD:
                        self._restart(source, row)
                    continue
                alert = OpenAlert(
                    alert_id(row),
                    end_of_day(day),
                    emitted_severity=self._first,
                    stands_on=day,
                    opened_with=seen.start,
                )
                state.by_row[row] = alert
            today = AlertDay(
                day,
                strong,
                bool(evidence[row] < self._rules.low),
                days,
                seen.observed,
                critical=self._rises and strong and seen.critical and row not in explained,
                explained=row in explained,
                since=day if seen.start is None else seen.start.day,
                corrected=seen.corrected,
                withdrawal=seen.withdrawal,
            )
            status = next_status(alert, today, self._rules)
            if status is not None:
                # Before the evidence changes below: the revision is made from what it is now.
                yield DueRevision(row, alert, status)
            end: End | None = "explained" if row in explained else alert.withdrawal or alert.ending
            if end is not None:
                self._end(source, row, end, days)

    def _end(self, source: EvidenceSource, row: int, end: End, agent_days: int) -> None:
        del self.state.by_row[row]
        if end == "explained":
            self._restart(source, row)
            return
        if end in ("silent", "common_cause"):  # evidence that fell is low, what is corrected right
            source.lower(row, self._rules.low)
        self.state.ended_after[row] = agent_days

    def _restart(self, source: EvidenceSource, row: int) -> None:
        source.restart(row)
        self.state.ended_after.pop(row, None)


def alarms(
    open_alerts: OpenAlerts, day: Day, table: EvidenceRows, evidence: Reals, between_agent_sd: float
) -> int:
    """Advance the open alerts of a shadow null, and count those that were opened."""

    def alert_input(row: int) -> AlertInput:
        excess = has_excess(table.explanation(row), between_agent_sd)
        return AlertInput(0, excess=excess, critical=False)

    due = open_alerts.advance(day, evidence, table, alert_id=_nobody, alert_input=alert_input)
    return sum(revision.alert.revision == 1 for revision in due)


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
