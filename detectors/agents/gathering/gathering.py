"""Outcomes on their way from the ledgers to the day on which they are judged."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator
from typing import Final

from msgspec import Struct, field

from detectors.agents.gathering.bursts import Bursts, BurstsState
from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.identical_sales import IdenticalSales, IdenticalSalesState
from detectors.agents.gathering.order import canonical, identity, in_canonical_order, maturity, same
from detectors.agents.gathering.tenure import Tenure, TenureState
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, DAY, day_of, start_of_day
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle, PatternName
from detectors.patterns import BurstPattern
from detectors.patterns.quick_cancellation import QuickCancellation
from detectors.settings import Settings


class Late(Struct, array_like=True):
    """A verdict that a late event brought or changed, and what was told before."""

    outcome: Outcome
    before: Verdict


class DayBatch(Struct, frozen=True):
    """Trials of one day in canonical order, and corrections with the verdict they replace."""

    fresh: list[Outcome] = field(default_factory=list)
    corrections: list[tuple[Outcome, Verdict]] = field(default_factory=list)


class GatheringState(Struct):
    """All that a `Gathering` remembers.

    Attributes
    ----------
    watermarks
        Of each ledger partition.
    on_time
        By pattern: what matured on days that were not taken yet.
    late
        By the day on which it became known, then by sale; kept for some days after that day was
        taken, to recognise what is told again.
    echoes, tenure, bursts
        What was known on the days that were taken.
    vouched
        By ledger partition that was empty: how far the others had come when it last said so.
    """

    watermarks: list[float]
    on_time: dict[PatternName, list[Outcome]]
    late: dict[int, dict[str, Late]] = field(default_factory=dict)
    identical_sales: IdenticalSalesState = field(default_factory=dict)
    tenure: TenureState = field(default_factory=TenureState)
    bursts: BurstsState = field(default_factory=BurstsState)
    vouched: dict[int, float] = field(default_factory=dict)


class Gathering:
    """Takes in bundles of several ledgers in any order, and gives whole days in canonical order.

    A ledger that was restarted tells some things again. An outcome that was told in time is known
    by the ledger's watermark, which had passed it; one that a late event brought, by its sale.

    Parameters
    ----------
    patterns
        Names of the patterns by which ledgers judge sales.
    ledgers
        How many ledger partitions send to this one.
    kept_days
        For how many days late outcomes and echoes are remembered after they were taken.
    burst
        The pattern that is derived here from those of ``quick_cancellation``, or None.
    tenure
        Whether cells end in the seller's tenure.
    """

    def __init__(
        self,
        patterns: Iterable[PatternName],
        ledgers: int,
        kept_days: int,
        *,
        burst: BurstPattern | None = None,
        tenure: bool = False,
    ) -> None:
        self._kept_days: Final = kept_days
        self._burst: Final = burst
        self._by_tenure: Final = tenure
        self.restore(GatheringState([BEGINNING] * ledgers, {name: [] for name in patterns}))

    def receive(self, bundle: OutcomeBundle) -> None:
        """Take in what one ledger partition tells."""
        if bundle.empty:
            self._receive_empty(bundle.ledger_partition)
            return
        watermark = self.state.watermarks[bundle.ledger_partition]
        on_time = self.state.on_time
        for outcome in bundle.outcomes:
            if outcome.known_at > outcome.matured_at or outcome.before:
                self._receive_late(outcome)
            elif outcome.matured_at >= watermark:
                on_time[outcome.pattern].append(outcome)
        self._sorted = False
        if bundle.watermark > watermark:
            self.state.watermarks[bundle.ledger_partition] = bundle.watermark

    def restore(self, state: GatheringState) -> None:
        """Take over the `state` of another gathering of the same patterns."""
        self.state = state
        self._sorted = False
        self._identical = IdenticalSales(state.identical_sales, self._kept_days)
        self._tenure = Tenure(state.tenure, self._kept_days) if self._by_tenure else None
        self._bursts = None if self._burst is None else Bursts(self._burst, state.bursts)

    def complete_until(self) -> float:
        """Give the event time (seconds) before which every ledger has told everything.

        A ledger that was empty need not have told it, if all others had come so far by then. What
        it has to tell of that time after all is late: it counts on the next day that is taken.
        """
        vouched = self.state.vouched
        if not vouched:
            return min(self.state.watermarks)
        watermarks = enumerate(self.state.watermarks)
        return min(max(until, vouched.get(ledger, BEGINNING)) for ledger, until in watermarks)

    def first_day(self) -> int:
        """Give a complete day before which nothing happened; all ledgers must have told something.

        It is the last complete one if there is nothing yet: others wait to hear of it.
        """
        days = [day_of(self.complete_until()) - 1, *self.state.late]
        days += [day_of(min(map(maturity, told))) for told in self.state.on_time.values() if told]
        return min(days)

    def pop(self, day: int) -> dict[PatternName, DayBatch]:
        """Give what became known on a complete day, once; days must be taken in their order."""
        self._forget(day)
        brought = self._brought(day)
        batches: dict[PatternName, DayBatch] = {}
        for name, fresh in self._matured_before(start_of_day(day + 1)):
            if not (fresh or name in brought):
                continue
            batch = _batch(day, fresh, brought.get(name, []))
            beyond: Collection[str] = ()
            if self._bursts is not None and batch.fresh and name == QuickCancellation.name:
                bursts = self._bursts.find(day, batch.fresh)
                batches[self._bursts.name] = DayBatch(bursts.trials)
                beyond = bursts.beyond
            batches[name] = self._counted(day, batch, beyond)
        return batches

    def _forget(self, day: int) -> None:
        """Drop what can no longer be told again or corrected."""
        drop_before(self.state.late, day - self._kept_days)
        self._identical.forget(day)
        if self._tenure is not None:
            self._tenure.forget(day)

    def _brought(self, day: int) -> dict[PatternName, list[Late]]:
        """Give what late events brought on a day, but what they say of echoes."""
        brought: dict[PatternName, list[Late]] = {}
        for told, late in self.state.late.get(day, {}).items():
            if told not in self._identical:
                brought.setdefault(late.outcome.pattern, []).append(late)
        return brought

    def _counted(self, day: int, batch: DayBatch, beyond: Collection[str]) -> DayBatch:
        """Give what counts of a day's outcomes: one of a batch, in the seller's cell."""
        trials = self._identical.trials(day, batch.fresh, beyond)
        if self._tenure is None:
            return DayBatch(trials, batch.corrections)
        fresh = self._tenure.fresh(day, trials)
        return DayBatch(fresh, self._tenure.corrections(batch.corrections))

    def _matured_before(self, end: float) -> Iterator[tuple[PatternName, list[Outcome]]]:
        """Take from each list what matured before `end`, in the order of maturity."""
        for name, told in self.state.on_time.items():
            if not self._sorted:
                told.sort(key=maturity)
            ready = bisect_left(told, end, key=maturity)
            fresh = told[:ready]
            del told[:ready]
            yield name, fresh
        self._sorted = True

    def _receive_empty(self, ledger: int) -> None:
        """Let a ledger without events hold back nothing of what the others have told until now."""
        told = [until for until in self.state.watermarks if until > BEGINNING]
        if told:
            vouched = self.state.vouched
            vouched[ledger] = max(vouched.get(ledger, BEGINNING), min(told))

    def _receive_late(self, outcome: Outcome) -> None:
        complete_until = self.complete_until()
        known_on = day_of(outcome.known_at)
        open_day = known_on if complete_until == BEGINNING else day_of(complete_until)
        day = max(known_on, open_day)
        late = self.state.late
        key = identity(outcome)
        told_on = max((told for told, entries in late.items() if key in entries), default=None)
        if told_on is None:
            if known_on >= open_day - self._kept_days:
                late.setdefault(day, {})[key] = Late(outcome, outcome.before)
        elif told_on == day:
            late[day][key].outcome = outcome
        elif told_on < day and late[told_on][key].outcome.verdict is not outcome.verdict:
            late.setdefault(day, {})[key] = Late(outcome, late[told_on][key].outcome.verdict)


def _batch(day: int, fresh: list[Outcome], brought: list[Late]) -> DayBatch:
    corrections: list[tuple[Outcome, Verdict]] = []
    for entry in brought:
        outcome, before = entry.outcome, entry.before
        if outcome.verdict is before:
            continue
        counted = before in (Verdict.GOOD, Verdict.BAD)
        if counted and day_of(outcome.matured_at) < day:
            corrections.append((outcome, before))
            continue
        if counted:
            fresh = [other for other in fresh if not same(other, outcome)]
        if outcome.verdict is not Verdict.EXCLUDED:
            fresh.append(outcome)
    if brought:
        fresh.sort(key=maturity)
        corrections.sort(key=lambda correction: canonical(correction[0]))
    return DayBatch(in_canonical_order(fresh), corrections)


def gathering_for(settings: Settings, ledgers: int) -> Gathering:
    """Give a gathering of everything that these settings ask for."""
    return Gathering(
        [pattern.name for pattern in settings.patterns.on_sales()],
        ledgers,
        correctable_days(settings),
        burst=settings.patterns.bursts(),
        tenure=settings.peers.cell[-1] == "tenure",
    )


def correctable_days(settings: Settings) -> int:
    """Give for how many days after it was judged an outcome may be corrected."""
    return int(seconds_of(settings.time.corrections_for) // DAY) + 2
