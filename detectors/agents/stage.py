"""The agents stage of one partition: gathers outcomes, and judges them a day at a time."""

from functools import partial
from typing import Final
from zlib import crc32

import msgspec
from msgspec import Struct, field

from detectors.account import Verdict
from detectors.agents.watch import DayBatch, Judgement, Watch, WatchState
from detectors.alerts import Alert, Severity
from detectors.durations import seconds_of
from detectors.errors import IncompatibleSnapshot
from detectors.event_time import BEGINNING, DAY, day_of, start_of_day
from detectors.identity import settings_id
from detectors.outcomes import (
    AgentId,
    Cell,
    DayReport,
    DayReview,
    Outcome,
    OutcomeBundle,
    PatternName,
    Totals,
)
from detectors.settings import Settings

DAYS_PER_1000_AGENT_YEARS: Final = 365_000.0


class AgentsState(Struct, tag="agents-1"):
    """All that the stage remembers.

    Attributes
    ----------
    watermarks
        Of each ledger partition.
    first_watermarks
        The first one each ledger partition told: the least of them says on which day to begin.
    gathered
        Verdicts by day, then by pattern and sale: the day's outcomes are still coming in.
    reported
        Days whose totals were told and whose review has not come, by pattern.
    reviews
        Reviews that came before they could be used.
    counted
        Verdicts that are in the totals, by the day they were counted: what a correction replaces.
    sales
        Number of sales per agent, day of sale and ledger partition.
    """

    config_hash: str
    watermarks: list[float]
    first_watermarks: list[float]
    gathered: dict[int, dict[PatternName, dict[str, Outcome]]] = field(default_factory=dict)
    reported: dict[int, dict[PatternName, DayBatch]] = field(default_factory=dict)
    reviews: dict[int, DayReview] = field(default_factory=dict)
    counted: dict[int, dict[PatternName, dict[str, Verdict]]] = field(default_factory=dict)
    sales: dict[AgentId, dict[int, dict[int, int]]] = field(default_factory=dict)
    next_report: int | None = None
    next_judgement: int | None = None
    watches: dict[PatternName, WatchState] = field(default_factory=dict)


class AgentsHarvest(Struct, frozen=True):
    """What the stage has to tell; ``judged`` counts the outcomes applied to evidence."""

    reports: list[DayReport]
    alerts: list[Alert]
    judged: dict[PatternName, int]


class Agents:
    """Evidence and alerts of all agents of one partition.

    A day is reported once every ledger partition has passed its end, and judged once its review
    has come; both happen in the order of days, so nothing depends on the order of arrival, on the
    size of batches or on the number of partitions.

    Parameters
    ----------
    settings
        All settings.
    partition, ledger_partitions
        Which partition this is, and how many ledgers send to it.
    seen
        A list to which every judgement is added, or None.
    """

    def __init__(
        self,
        settings: Settings,
        partition: int = 0,
        ledger_partitions: int = 1,
        seen: list[Judgement] | None = None,
    ) -> None:
        patterns = settings.patterns.enabled()
        evidence = settings.evidence
        self._partition: Final = partition
        self._seen: Final = seen
        self._windows: Final = {p.name: seconds_of(p.window) / DAY for p in patterns}
        self._review_every: Final = max(1, int(seconds_of(evidence.review_every) // DAY))
        self._least_e_value: Final = 1.0 / evidence.false_discovery_rate
        self._kept_days: Final = int(seconds_of(settings.time.corrections_for) // DAY) + 2
        # The budget is for all patterns together, so each may use its share of it.
        threshold = (
            DAYS_PER_1000_AGENT_YEARS * len(patterns) / evidence.false_alarms_per_1000_agent_years
        )
        config_hash = settings_id(settings)
        self._watches: Final = {
            pattern.name: Watch(pattern, settings, config_hash, threshold) for pattern in patterns
        }
        unknown = [BEGINNING] * ledger_partitions
        self._state = AgentsState(config_hash, list(unknown), list(unknown))
        self._reports: list[DayReport] = []
        self._alerts: list[Alert] = []
        self._judged: dict[PatternName, int] = {}

    @property
    def judged_until(self) -> float:
        """The event time (seconds) before which every outcome has been judged."""
        day = self._state.next_judgement
        return BEGINNING if day is None else start_of_day(day)

    def open_alerts(self) -> dict[tuple[PatternName, Severity], int]:
        """Count the open alerts about agents by pattern and severity."""
        return {
            (name, severity): number
            for name, watch in self._watches.items()
            for severity, number in watch.open_alerts().items()
        }

    def receive(self, bundle: OutcomeBundle) -> None:
        """Take in what one ledger partition tells."""
        state = self._state
        complete_until = min(state.watermarks)
        open_day = None if complete_until == BEGINNING else day_of(complete_until)
        for outcome in bundle.outcomes:
            day = day_of(outcome.known_at)
            told_again = open_day is not None and day < open_day
            if told_again or outcome.known_at > outcome.matured_at:
                if self._known(outcome) is outcome.verdict:
                    continue
                day = day if open_day is None else max(day, open_day)
            state.gathered.setdefault(day, {}).setdefault(outcome.pattern, {})[outcome.sale_id] = (
                outcome
            )
        for agent_id, days in bundle.sales.items():
            for day, count in days.items():
                state.sales.setdefault(agent_id, {}).setdefault(day, {})[
                    bundle.ledger_partition
                ] = count
        if bundle.watermark > state.watermarks[bundle.ledger_partition]:
            state.watermarks[bundle.ledger_partition] = bundle.watermark
            if state.first_watermarks[bundle.ledger_partition] == BEGINNING:
                state.first_watermarks[bundle.ledger_partition] = bundle.watermark
        self._proceed()

    def review(self, review: DayReview) -> None:
        """Take in what the peers stage answers; a review that was used already changes nothing."""
        judged = self._state.next_judgement
        if judged is None or review.day >= judged:
            self._state.reviews[review.day] = review
            self._proceed()

    def harvest(self) -> AgentsHarvest:
        """Give what is to be told since the last call, and forget that it was not told."""
        harvest = AgentsHarvest(self._reports, self._alerts, self._judged)
        self._reports, self._alerts, self._judged = [], [], {}
        return harvest

    def snapshot(self) -> bytes:
        """Give all of the state; call it with nothing left to harvest."""
        self._state.watches = {name: watch.snapshot() for name, watch in self._watches.items()}
        snapshot = msgspec.msgpack.encode(self._state)
        self._state.watches = {}
        return snapshot

    def restore(self, snapshot: bytes) -> None:
        """Take over the state given by `snapshot`, into a stage that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If the bytes are of another kind or version, or were saved under other settings.
        """
        try:
            state = msgspec.msgpack.decode(snapshot, type=AgentsState)
        except msgspec.MsgspecError as error:
            raise IncompatibleSnapshot(f"not a snapshot of the agents stage: {error}") from None
        if state.config_hash != self._state.config_hash:
            raise IncompatibleSnapshot(
                f"the snapshot was saved under settings {state.config_hash}, these are "
                f"{self._state.config_hash}: replay the source topics into fresh state"
            )
        for name, watch in state.watches.items():
            self._watches[name].restore(watch)
        state.watches = {}
        self._state = state

    def _known(self, outcome: Outcome) -> Verdict | None:
        """Give the verdict that was told last for this sale and pattern, if any."""
        for day in sorted(self._state.gathered, reverse=True):
            gathered = self._state.gathered[day].get(outcome.pattern, {}).get(outcome.sale_id)
            if gathered is not None:
                return gathered.verdict
        return self._counted(outcome)

    def _counted(self, outcome: Outcome) -> Verdict | None:
        """Give the verdict of this sale and pattern that is in the totals, if any."""
        for day in sorted(self._state.counted, reverse=True):
            verdict = self._state.counted[day].get(outcome.pattern, {}).get(outcome.sale_id)
            if verdict is not None:
                return verdict
        return None

    def _proceed(self) -> None:
        """Report and judge every day that is ready."""
        state = self._state
        if min(state.watermarks) == BEGINNING:
            return
        if state.next_report is None or state.next_judgement is None:
            state.next_report = state.next_judgement = day_of(min(state.first_watermarks))
        while True:
            if self._may_report(state.next_report, state.next_judgement):
                self._report(state.next_report)
                state.next_report += 1
            elif state.next_judgement in state.reviews and state.next_judgement in state.reported:
                self._judge(state.next_judgement)
                state.next_judgement += 1
            else:
                return

    def _may_report(self, day: int, next_judgement: int) -> bool:
        """Tell whether a day is complete; one after a review day also tells that day's evidence."""
        complete = min(self._state.watermarks) >= start_of_day(day + 1)
        return complete and (not self._follows_review(day) or next_judgement >= day)

    def _follows_review(self, day: int) -> bool:
        return (day - 1) % self._review_every == 0

    def _report(self, day: int) -> None:
        state = self._state
        totals: dict[PatternName, dict[Cell, Totals]] = {}
        batches: dict[PatternName, DayBatch] = {}
        counted: dict[PatternName, dict[str, Verdict]] = {}
        for name, outcomes in sorted(state.gathered.pop(day, {}).items()):
            batch = batches[name] = DayBatch()
            cells = totals[name] = {}
            now = counted[name] = {}
            for outcome in sorted(outcomes.values(), key=_canonical):
                before = self._counted(outcome) if day_of(outcome.matured_at) < day else None
                bad = outcome.verdict is Verdict.BAD
                total = cells.get(outcome.cell)
                if total is None:
                    total = cells[outcome.cell] = Totals()
                if before in (Verdict.GOOD, Verdict.BAD):
                    batch.corrections.append((outcome, before))
                    total.bad += bad - (before is Verdict.BAD)
                    total.matured -= outcome.verdict is Verdict.EXCLUDED
                elif outcome.verdict is not Verdict.EXCLUDED:
                    batch.fresh.append(outcome)
                    total.matured += 1
                    total.bad += bad
                now[outcome.sale_id] = outcome.verdict
        state.reported[day] = batches
        state.counted[day] = counted
        state.counted.pop(day - self._kept_days - 1, None)
        evidence: list[float] = []
        hypotheses = 0
        if self._follows_review(day):
            for watch in self._watches.values():
                values = watch.e_values()
                hypotheses += len(values)
                evidence += [value for value in values if value >= self._least_e_value]
        self._reports.append(
            DayReport(
                self._partition, day, totals, hypotheses, tuple(sorted(evidence, reverse=True))
            )
        )

    def _judge(self, day: int) -> None:
        batches = self._state.reported.pop(day)
        review = self._state.reviews.pop(day)
        for name, watch in self._watches.items():
            pending = partial(self._pending, day, self._windows[name])
            batch = batches.get(name, DayBatch())
            self._judged[name] = self._judged.get(name, 0) + len(batch.fresh)
            self._alerts.extend(watch.judge(batch, review, pending, self._seen))
        self._forget_sales(day)

    def _pending(self, day: int, window: float, agent_id: AgentId) -> int:
        """Count the agent's sales whose window has not passed at the end of `day`."""
        days = self._state.sales.get(agent_id, {})
        return sum(
            sum(counts.values()) for sold, counts in days.items() if day - window < sold <= day
        )

    def _forget_sales(self, day: int) -> None:
        """Now and then, drop the sales of days on which every window has passed."""
        longest = int(max(self._windows.values())) + 1
        if day % longest == 0:
            for agent_id, days in list(self._state.sales.items()):
                kept = {sold: counts for sold, counts in days.items() if sold > day - longest}
                if kept:
                    self._state.sales[agent_id] = kept
                else:
                    del self._state.sales[agent_id]


def _canonical(outcome: Outcome) -> tuple[float, int, str]:
    """Order by maturity; break ties by a hash, for the order of ids may tell of the outcome."""
    return (outcome.matured_at, crc32(outcome.sale_id.encode()), outcome.sale_id)
