"""The agents stage of one partition: gathers outcomes, and judges them a day at a time."""

from collections import Counter
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct, field

from detectors.account import Verdict
from detectors.agents.gathering import DayBatch, Gathering, GatheringState
from detectors.agents.pending import PendingSales, PendingState
from detectors.agents.watch import Judgement, Watch, WatchState
from detectors.alerts import Alert, Severity
from detectors.durations import seconds_of
from detectors.errors import IncompatibleSnapshot
from detectors.event_time import BEGINNING, DAY, start_of_day
from detectors.identity import settings_id
from detectors.outcomes import Cell, DayReport, DayReview, OutcomeBundle, PatternName, Totals
from detectors.settings import Settings

DAYS_PER_1000_AGENT_YEARS: Final = 365_000.0


class AgentsState(Struct, tag="agents-2"):
    """All that the stage remembers.

    Attributes
    ----------
    gathering
        Outcomes of days that are not complete.
    reported
        Days whose totals were told and whose review has not come, by pattern.
    reviews
        Reviews that came before they could be used.
    pending
        Sales whose window may not have passed.
    next_report, next_judgement
        The first day that has not been reported, and judged; None until there is one.
    """

    config_hash: str
    gathering: GatheringState
    pending: PendingState
    watches: dict[PatternName, WatchState]
    reported: dict[int, dict[PatternName, DayBatch]] = field(default_factory=dict)
    reviews: dict[int, DayReview] = field(default_factory=dict)
    next_report: int | None = None
    next_judgement: int | None = None


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
        # The budget is for all patterns together, so each may use its share of it.
        threshold = (
            DAYS_PER_1000_AGENT_YEARS * len(patterns) / evidence.false_alarms_per_1000_agent_years
        )
        self._config_hash: Final = settings_id(settings)
        self._watches: Final = {
            pattern.name: Watch(pattern, settings, self._config_hash, threshold)
            for pattern in patterns
        }
        kept_days = int(seconds_of(settings.time.corrections_for) // DAY) + 2
        self._gathering = Gathering(self._windows, ledger_partitions, kept_days)
        self._pending: Final = PendingSales(max(self._windows.values()))
        self._reported: dict[int, dict[PatternName, DayBatch]] = {}
        self._reviews: dict[int, DayReview] = {}
        self._next_report: int | None = None
        self._next_judgement: int | None = None
        self._reports: list[DayReport] = []
        self._alerts: list[Alert] = []
        self._judged: dict[PatternName, int] = {}

    @property
    def judged_until(self) -> float:
        """The event time (seconds) before which every outcome has been judged."""
        day = self._next_judgement
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
        ledger = bundle.ledger_partition
        self._pending.add(bundle.sales, ledger, self._gathering.state.watermarks[ledger])
        self._gathering.receive(bundle)
        self._proceed()

    def review(self, review: DayReview) -> None:
        """Take in what the peers stage answers; a review that was used already changes nothing."""
        if self._next_judgement is None or review.day >= self._next_judgement:
            self._reviews[review.day] = review
            self._proceed()

    def harvest(self) -> AgentsHarvest:
        """Give what is to be told since the last call, and forget that it was not told."""
        harvest = AgentsHarvest(self._reports, self._alerts, self._judged)
        self._reports, self._alerts, self._judged = [], [], {}
        return harvest

    def snapshot(self) -> bytes:
        """Give all of the state; call it with nothing left to harvest."""
        return msgspec.msgpack.encode(
            AgentsState(
                self._config_hash,
                self._gathering.state,
                self._pending.state,
                {name: watch.snapshot() for name, watch in self._watches.items()},
                self._reported,
                self._reviews,
                self._next_report,
                self._next_judgement,
            )
        )

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
        if state.config_hash != self._config_hash:
            raise IncompatibleSnapshot(
                f"the snapshot was saved under settings {state.config_hash}, these are "
                f"{self._config_hash}: replay the source topics into fresh state"
            )
        for name, watch in state.watches.items():
            self._watches[name].restore(watch)
        self._gathering.restore(state.gathering)
        self._pending.state = state.pending
        self._reported, self._reviews = state.reported, state.reviews
        self._next_report, self._next_judgement = state.next_report, state.next_judgement

    def _proceed(self) -> None:
        """Report and judge every day that is ready."""
        if self._gathering.complete_until() == BEGINNING:
            return
        if self._next_report is None or self._next_judgement is None:
            self._next_report = self._next_judgement = self._gathering.first_day()
            for day in [day for day in self._reviews if day < self._next_judgement]:
                del self._reviews[day]
        while True:
            if self._may_report(self._next_report, self._next_judgement):
                self._report(self._next_report)
                self._next_report += 1
            elif self._next_judgement in self._reviews and self._next_judgement in self._reported:
                self._judge(self._next_judgement)
                self._next_judgement += 1
            else:
                return

    def _may_report(self, day: int, next_judgement: int) -> bool:
        """Tell whether a day is complete; one after a review day also tells that day's evidence."""
        complete = self._gathering.complete_until() >= start_of_day(day + 1)
        return complete and (not self._follows_review(day) or next_judgement >= day)

    def _follows_review(self, day: int) -> bool:
        return (day - 1) % self._review_every == 0

    def _report(self, day: int) -> None:
        batches = self._reported[day] = self._gathering.take(day)
        totals = {name: _totals(batch) for name, batch in sorted(batches.items())}
        evidence: list[float] = []
        hypotheses = 0
        if self._follows_review(day):
            for watch in self._watches.values():
                hypotheses += len(watch)
                values = watch.e_values()
                evidence += values[values >= self._least_e_value].tolist()
        largest_first = tuple(sorted(evidence, reverse=True))
        self._reports.append(DayReport(self._partition, day, totals, hypotheses, largest_first))

    def _judge(self, day: int) -> None:
        batches = self._reported.pop(day)
        review = self._reviews.pop(day)
        for name, watch in self._watches.items():
            pending = partial(self._pending.count, day=day, window=self._windows[name])
            batch = batches.get(name, DayBatch())
            self._judged[name] = self._judged.get(name, 0) + len(batch.fresh)
            self._alerts.extend(watch.judge(batch, review, pending, self._seen))
        self._pending.forget(day)


def _totals(batch: DayBatch) -> dict[Cell, Totals]:
    """Give what a day adds to the totals of each cell."""
    matured = Counter([outcome.cell for outcome in batch.fresh])
    bad = Counter([outcome.cell for outcome in batch.fresh if outcome.verdict is Verdict.BAD])
    for outcome, before in batch.corrections:
        matured[outcome.cell] -= outcome.verdict is Verdict.EXCLUDED
        bad[outcome.cell] += (outcome.verdict is Verdict.BAD) - (before is Verdict.BAD)
    return {cell: Totals(count, bad[cell]) for cell, count in matured.items()}
