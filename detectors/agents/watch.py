"""One pattern's watch over the agents of one partition: from a day's outcomes to alerts."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

from detectors.account import Verdict
from detectors.agents.book import BookState, EvidenceBook
from detectors.agents.life import Case, next_status
from detectors.alerts import Alert, Evidence, Severity, Status, Subject
from detectors.durations import seconds_of
from detectors.event_time import DAY, day_name, moment, start_of_day
from detectors.evidence.prior import Prior
from detectors.evidence.rate_ratio import RateRatio, shrunk_rate_ratio
from detectors.evidence.shiryaev_roberts import LikelyStart
from detectors.identity import content_id
from detectors.outcomes import AgentId, Cell, DayReview, Outcome, Totals
from detectors.patterns import Pattern
from detectors.peers.expectation import expectation
from detectors.settings import Settings
from detectors.wording import agent_sentence

PERIOD: Final = 365
"""Agent-days after which evidence begins anew (statistics note, section 9)."""

REMEMBERED: Final = 50
"""How many of an agent's bad outcomes are remembered by their events, the latest ones."""


class BadOutcome(Struct, frozen=True, array_like=True, gc=False):
    """A bad outcome that an alert may point to."""

    day: int
    sale_id: str
    event_ids: tuple[str, ...]


class AgentRecord(Struct):
    """What is remembered of one agent beside his evidence."""

    totals: dict[Cell, Totals] = field(default_factory=dict)
    bad: list[BadOutcome] = field(default_factory=list)
    case: Case | None = None


class DayBatch(Struct, frozen=True):
    """Outcomes of one day in canonical order, and corrections with the verdict they replace."""

    fresh: list[Outcome] = field(default_factory=list)
    corrections: list[tuple[Outcome, Verdict]] = field(default_factory=list)


class WatchState(Struct):
    """A `Watch` in a snapshot."""

    book: BookState
    records: dict[AgentId, AgentRecord]


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
        self._pattern: Final = pattern
        self._config_hash: Final = config_hash
        self._threshold: Final = threshold
        self._between_agent_sd: Final = evidence.between_agent_sd
        self._smallest_rate_ratio: Final = evidence.smallest_rate_ratio
        self._resolve_after_days: Final = seconds_of(evidence.resolve_after) / DAY
        self._shrinkage: Final = settings.peers.shrinkage
        self._cell_fields: Final = settings.peers.cell
        correctable_days = int(seconds_of(settings.time.corrections_for) // DAY) + 2
        self._book = EvidenceBook(Prior(evidence.between_agent_sd), correctable_days)
        self._records: dict[AgentId, AgentRecord] = {}

    def __len__(self) -> int:
        """Count the agents under watch."""
        return len(self._records)

    def open_alerts(self) -> dict[Severity, int]:
        """Count the open alerts by severity."""
        counts: dict[Severity, int] = {"warning": 0, "critical": 0}
        for record in self._records.values():
            if record.case is not None:
                counts[record.case.told_severity] += 1
        return counts

    def e_values(self) -> list[float]:
        """Give evidence over period for every agent: e-values at the end of the day judged last."""
        pairs = zip(self._book.evidence(), self._book.agent_days(), strict=True)
        return [float(evidence) / max(PERIOD, int(days)) for evidence, days in pairs]

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
            self._correct(outcome, before)
        mine = [(o.agent_id, o) for o in batch.fresh if o.agent_id is not None]
        for agent_id, outcome in mine:
            self._take_note(agent_id, outcome, review.day)
        judged = self._expectations(mine, review)
        levels = self._book.judge(
            review.day,
            [row for row, _ in judged],
            [expected for _, expected in judged],
            [outcome.verdict is Verdict.BAD for _, outcome in mine],
            [outcome.sale_id for _, outcome in mine],
        )
        if seen is not None:
            for (agent_id, outcome), (_, expected), level in zip(mine, judged, levels, strict=True):
                seen.append(
                    Judgement(
                        self._pattern.name,
                        agent_id,
                        review.day,
                        outcome.sale_id,
                        outcome.cell,
                        expected,
                        outcome.verdict is Verdict.BAD,
                        float(level),
                    )
                )
        return self._close_day(review.day, discovered, pending)

    def snapshot(self) -> WatchState:
        """Give all of the state; it shares records with this watch: encode it at once."""
        return WatchState(self._book.snapshot(), self._records)

    def restore(self, state: WatchState) -> None:
        """Take over a state given by `snapshot`, into a watch that is still empty."""
        self._book.restore(state.book)
        self._records = state.records

    def _discovered(self, threshold: float) -> frozenset[int]:
        if threshold == float("inf"):
            return frozenset()
        return frozenset(row for row, value in enumerate(self.e_values()) if value >= threshold)

    def _record(self, agent_id: AgentId) -> AgentRecord:
        record = self._records.get(agent_id)
        if record is None:
            record = self._records[agent_id] = AgentRecord()
            self._book.row(agent_id)
        return record

    def _take_note(self, agent_id: AgentId, outcome: Outcome, day: int) -> None:
        record = self._record(agent_id)
        total = record.totals.get(outcome.cell)
        if total is None:
            total = record.totals[outcome.cell] = Totals()
        total.matured += 1
        if outcome.verdict is Verdict.BAD:
            total.bad += 1
            record.bad.append(BadOutcome(day, outcome.sale_id, outcome.event_ids))
            if len(record.bad) > REMEMBERED:
                del record.bad[0]

    def _correct(self, outcome: Outcome, before: Verdict) -> None:
        if outcome.agent_id is None:
            return
        record = self._record(outcome.agent_id)
        total = record.totals.setdefault(outcome.cell, Totals())
        bad = None if outcome.verdict is Verdict.EXCLUDED else outcome.verdict is Verdict.BAD
        total.bad += (bad is True) - (before is Verdict.BAD)
        total.matured -= bad is None
        record.bad = [known for known in record.bad if known.sale_id != outcome.sale_id]
        self._book.correct(self._book.row(outcome.agent_id), outcome.sale_id, bad=bad)

    def _expectations(
        self, outcomes: list[tuple[AgentId, Outcome]], review: DayReview
    ) -> list[tuple[int, float]]:
        """Give row and expectation of each outcome."""
        everybody = review.totals.get(self._pattern.name, {})
        known: dict[tuple[AgentId, Cell], tuple[int, float]] = {}
        judged: list[tuple[int, float]] = []
        for agent_id, outcome in outcomes:
            key = (agent_id, outcome.cell)
            pair = known.get(key)
            if pair is None:
                himself = self._records[agent_id].totals
                expected = expectation(outcome.cell, everybody, himself, self._shrinkage)
                pair = known[key] = (self._book.row(agent_id), expected)
            judged.append(pair)
        return judged

    def _close_day(
        self, day: int, discovered: frozenset[int], pending: Callable[[AgentId], int]
    ) -> list[Alert]:
        alerts: list[Alert] = []
        evidence = self._book.evidence()
        agent_days = self._book.agent_days()
        for row, (agent_id, record) in enumerate(self._records.items()):
            strong = bool(evidence[row] >= self._threshold)
            if record.case is None:
                if not strong:
                    if agent_days[row] >= PERIOD:
                        self._book.restart(row)
                    continue
                record.case = Case(self._alert_id(agent_id, day), start_of_day(day + 1))
            start = self._book.explanation(row).start
            if start is None:
                continue
            ratio = self._ratio(start)
            status = next_status(
                record.case,
                day=day,
                strong=strong,
                critical=row in discovered and strong and ratio.lower > self._smallest_rate_ratio,
                observed=start.since.observed,
                resolve_after_days=self._resolve_after_days,
            )
            if status is not None:
                alerts.append(
                    self._alert(
                        agent_id,
                        record,
                        record.case,
                        status,
                        day,
                        start,
                        float(evidence[row]),
                        pending,
                    )
                )
            if status == "resolved":
                record.case = None
                self._book.restart(row)
        return alerts

    def _alert_id(self, agent_id: AgentId, day: int) -> str:
        return content_id(self._pattern.name, "agent", agent_id, day_name(day))

    def _ratio(self, start: LikelyStart) -> RateRatio:
        return shrunk_rate_ratio(start.since.observed, start.since.expected, self._between_agent_sd)

    def _alert(
        self,
        agent_id: AgentId,
        record: AgentRecord,
        case: Case,
        status: Status,
        day: int,
        start: LikelyStart,
        value: float,
        pending: Callable[[AgentId], int],
    ) -> Alert:
        pattern, since, ratio = self._pattern, start.since, self._ratio(start)
        expected_rate = since.expected / since.outcomes
        return Alert(
            alert_id=case.alert_id,
            revision=case.revision,
            status=status,
            pattern=pattern.name,
            pattern_version=pattern.version,
            severity=case.told_severity,
            subject=Subject("agent", agent_id),
            agent_id=agent_id,
            opened_at=moment(case.opened_at),
            updated_at=moment(start_of_day(day + 1)),
            summary=agent_sentence(
                agent_id=agent_id,
                outcome_phrase=pattern.outcome_phrase,
                matured=since.outcomes,
                observed=since.observed,
                expected=since.expected,
                ratio=ratio,
                likely_start=day_name(start.day),
            ),
            evidence=Evidence(
                window=pattern.window,
                value=_figures(value),
                threshold=_figures(self._threshold),
                matured=since.outcomes,
                pending=pending(agent_id),
                observed=since.observed,
                expected=_figures(since.expected),
                peers="all other sellers, by " + " and ".join(self._cell_fields),
                rate=_figures(min(1.0, ratio.estimate * expected_rate)),
                rate_low=_figures(min(1.0, ratio.lower * expected_rate)),
                rate_high=_figures(min(1.0, ratio.upper * expected_rate)),
                rate_ratio=_figures(ratio.estimate),
                rate_ratio_low=_figures(ratio.lower),
                rate_ratio_high=_figures(ratio.upper),
                likely_start=day_name(start.day),
            ),
            event_ids=tuple(
                event_id
                for outcome in record.bad
                if outcome.day >= start.day
                for event_id in outcome.event_ids
            ),
            config_hash=self._config_hash,
        )


def _figures(value: float) -> float:
    """Round to six significant figures: what is told does not hang on the last bit."""
    return float(f"{value:.6g}")
