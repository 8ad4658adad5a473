"""One pattern's watch over the agents of one partition: from a day's outcomes to alerts."""

from collections.abc import Callable, Sequence
from itertools import compress
from typing import Final

import numpy as np
from msgspec import Struct

from detectors.account import Verdict
from detectors.agents.agent_alert import AgentAlerts, Standing
from detectors.agents.book import BookState, EvidenceBook
from detectors.agents.gathering import DayBatch
from detectors.agents.life import Case, next_status
from detectors.agents.own_totals import OwnTotals
from detectors.alerts import Alert, Severity
from detectors.durations import seconds_of
from detectors.event_time import DAY, day_of, start_of_day
from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.explanation import Counts, LikelyStart
from detectors.evidence.prior import Prior
from detectors.evidence.rate_ratio import shrunk_rate_ratio
from detectors.outcomes import AgentId, Cell, DayReview, Outcome, Totals
from detectors.patterns import Pattern
from detectors.peers.stage import NO_DISCOVERIES
from detectors.settings import Settings

PERIOD: Final = 365
"""Agent-days after which evidence begins anew (statistics note, section 9)."""

REMEMBERED: Final = 50
"""How many of an agent's bad outcomes are remembered by their events, the latest ones."""


class BadOutcome(Struct, frozen=True, array_like=True, gc=False):
    """A bad outcome that an alert may point to, by the day on which it was judged."""

    day: int
    sale_id: str
    event_ids: tuple[str, ...]


class WatchState(Struct):
    """A `Watch` in a snapshot; lists are in the order of the book's agents."""

    book: BookState
    totals: list[dict[Cell, Totals]]
    bad: list[list[BadOutcome]]
    cases: dict[int, Case]


class Judgement(Struct, frozen=True):
    """One outcome as it was judged, for whoever wants to see the arithmetic."""

    pattern: str
    agent_id: AgentId
    day: int
    sale_id: str
    cell: Cell
    expected: float
    bad: bool
    evidence: float


class Watch:
    """Judges the outcomes of one pattern, a day at a time.

    Parameters
    ----------
    pattern
        The pattern.
    settings
        All settings.
    config_hash
        Identifies the settings in every alert.
    threshold
        Evidence from which on a warning is due.
    """

    def __init__(
        self, pattern: Pattern, settings: Settings, config_hash: str, threshold: float
    ) -> None:
        evidence = settings.evidence
        self._name: Final = pattern.name
        self._threshold: Final = threshold
        self._between_agent_sd: Final = evidence.between_agent_sd
        self._smallest_rate_ratio: Final = evidence.smallest_rate_ratio
        self._resolve_after_days: Final = seconds_of(evidence.resolve_after) / DAY
        self._shrinkage: Final = settings.peers.shrinkage
        self._alerts: Final = AgentAlerts(pattern, settings, config_hash, threshold)
        correctable_days = int(seconds_of(settings.time.corrections_for) // DAY) + 2
        self._book = EvidenceBook(Prior(evidence.between_agent_sd), correctable_days)
        self._own = OwnTotals()
        self._places_of: dict[AgentId | None, dict[Cell, int]] = {}
        self._bad: list[list[BadOutcome]] = []
        self._cases: dict[int, Case] = {}

    def __len__(self) -> int:
        """Count the agents under watch."""
        return len(self._book)

    def open_alerts(self) -> dict[Severity, int]:
        """Count the open alerts by severity."""
        counts: dict[Severity, int] = {"warning": 0, "critical": 0}
        for case in self._cases.values():
            counts[case.told_severity] += 1
        return counts

    def e_values(self) -> Reals:
        """Give evidence over period for every agent: e-values at the end of the day judged last."""
        return self._book.evidence() / np.maximum(PERIOD, self._book.agent_days())

    def judge(
        self,
        batch: DayBatch,
        review: DayReview,
        pending: Callable[[AgentId], int],
        seen: list[Judgement] | None,
    ) -> list[Alert]:
        """Judge the outcomes of `review.day` and give the alerts that are due at its end.

        `pending` counts an agent's sales whose window has not passed at the end of that day.
        Judgements are added to `seen` if it is given.
        """
        discovered = self._discovered(review.discovery_threshold)
        for outcome, before in batch.corrections:
            if outcome.agent_id is not None:
                self._correct(outcome.agent_id, outcome, before)
        mine = [outcome for outcome in batch.fresh if outcome.agent_id is not None]
        places = self._places(mine)
        bad = np.array([outcome.verdict is Verdict.BAD for outcome in mine], np.bool_)
        rows = self._own.rows(places)
        self._own.count(places, bad)
        for row, outcome in zip(rows[bad].tolist(), compress(mine, bad), strict=True):
            self._remember(row, review.day, outcome)
        everybody = review.totals.get(self._name, {})
        expected = self._own.expectations(places, everybody, self._shrinkage)
        sale_ids = [outcome.sale_id for outcome in mine]
        levels = self._book.judge(review.day, rows, expected, bad, sale_ids)
        if seen is not None:
            agents = self._book.agents()
            now = zip(rows.tolist(), mine, expected.tolist(), levels.tolist(), strict=True)
            for row, outcome, probability, level in now:
                seen.append(
                    Judgement(
                        self._name,
                        agents[row],
                        review.day,
                        outcome.sale_id,
                        outcome.cell,
                        probability,
                        outcome.verdict is Verdict.BAD,
                        level,
                    )
                )
        return self._close_day(review.day, discovered, pending)

    def snapshot(self) -> WatchState:
        """Give all of the state; it shares records with this watch: encode it at once."""
        return WatchState(self._book.snapshot(), self._own.snapshot(), self._bad, self._cases)

    def restore(self, state: WatchState) -> None:
        """Take over a state given by `snapshot`, into a watch that is still empty."""
        self._book.restore(state.book)
        self._own.restore(state.totals)
        self._bad = state.bad
        self._cases = state.cases

    def _discovered(self, threshold: float) -> frozenset[int]:
        if threshold == NO_DISCOVERIES:
            return frozenset()
        return frozenset(np.flatnonzero(self.e_values() >= threshold).tolist())

    def _places(self, outcomes: Sequence[Outcome]) -> Integers:
        """Give the place of each outcome's agent and cell, making those that are new."""
        known = self._places_of
        try:
            places = [known[outcome.agent_id][outcome.cell] for outcome in outcomes]
        except KeyError:
            for outcome in outcomes:
                if outcome.agent_id is not None:
                    row = self._row(outcome.agent_id)
                    place = self._own.place(row, outcome.cell)
                    known.setdefault(outcome.agent_id, {})[outcome.cell] = place
            places = [known[outcome.agent_id][outcome.cell] for outcome in outcomes]
        return np.array(places, np.int64)

    def _row(self, agent_id: AgentId) -> int:
        row = self._book.row(agent_id)
        if row == len(self._bad):
            self._bad.append([])
        return row

    def _remember(self, row: int, day: int, outcome: Outcome) -> None:
        bad = self._bad[row]
        bad.append(BadOutcome(day, outcome.sale_id, outcome.event_ids))
        if len(bad) > REMEMBERED:
            del bad[0]

    def _correct(self, agent_id: AgentId, outcome: Outcome, before: Verdict) -> None:
        row = self._row(agent_id)
        bad = None if outcome.verdict is Verdict.EXCLUDED else outcome.verdict is Verdict.BAD
        self._own.change(
            self._own.place(row, outcome.cell),
            -1 if bad is None else 0,
            (bad is True) - (before is Verdict.BAD),
        )
        judged_on = self._book.correct(row, outcome.sale_id, bad=bad)
        self._bad[row] = [known for known in self._bad[row] if known.sale_id != outcome.sale_id]
        if bad:
            day = day_of(outcome.matured_at) if judged_on is None else judged_on
            self._remember(row, day, outcome)
            self._bad[row].sort(key=_day)

    def _close_day(
        self, day: int, discovered: frozenset[int], pending: Callable[[AgentId], int]
    ) -> list[Alert]:
        evidence, agent_days = self._book.evidence(), self._book.agent_days()
        notable = np.flatnonzero((evidence >= self._threshold) | (agent_days >= PERIOD))
        alerts: list[Alert] = []
        agents: Sequence[AgentId] = ()
        for row in sorted({*notable.tolist(), *self._cases}):
            agents = agents or self._book.agents()
            value = float(evidence[row])
            strong = value >= self._threshold
            case = self._cases.get(row)
            if case is None:
                if not strong:
                    self._book.restart(row)
                    continue
                case = Case(self._alerts.alert_id(agents[row], day), start_of_day(day + 1))
                self._cases[row] = case
            standing = self._standing(row, day, value)
            since = standing.start.since
            critical = strong and standing.ratio.lower > self._smallest_rate_ratio
            status = next_status(
                case,
                day=day,
                strong=strong,
                critical=critical and row in discovered,
                observed=since.observed,
                resolve_after_days=self._resolve_after_days,
            )
            if status is not None:
                event_ids = self._event_ids(row, standing.start.day)
                alerts.append(
                    self._alerts.revision(
                        agents[row], case, status, standing, pending(agents[row]), event_ids
                    )
                )
            if status == "resolved":
                del self._cases[row]
                self._book.restart(row)
        return alerts

    def _standing(self, row: int, day: int, value: float) -> Standing:
        start = self._book.explanation(row).start
        if start is None:  # corrections have taken back every outcome since the last restart
            start = LikelyStart(day, Counts(0, 0, 0.0), 1.0)
        since = start.since
        ratio = shrunk_rate_ratio(since.observed, since.expected, self._between_agent_sd)
        return Standing(day, value, start, ratio)

    def _event_ids(self, row: int, since: int) -> tuple[str, ...]:
        return tuple(
            event_id
            for outcome in self._bad[row]
            if outcome.day >= since
            for event_id in outcome.event_ids
        )


def _day(outcome: BadOutcome) -> int:
    return outcome.day
