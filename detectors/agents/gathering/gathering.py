"""Outcomes on their way from the ledgers to the day on which they are judged."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct, field, structs

from detectors.agents.gathering.bursts import Bursts, BurstsState
from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.good_waiting import GoodWaiting
from detectors.agents.gathering.identical_sales import IdenticalSales, IdenticalSalesState
from detectors.agents.gathering.order import (
    canonical,
    identity,
    in_canonical_order,
    in_order_of_maturity,
    maturity,
    same,
)
from detectors.agents.gathering.screen import Screen, ScreenState
from detectors.agents.gathering.tenure import Tenure, TenureState
from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of, end_of_day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.facts.account import Verdict
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.patterns import BurstPattern
from detectors.sight.stretch import EVERYTHING_SEEN, Blindness


class LateOutcome(Struct, array_like=True):
    """An outcome that a late event brought or changed, and the verdict that was known before."""

    outcome: Outcome
    before: Verdict


class DayBatch(Struct, frozen=True):
    """Trials of one day in canonical order, and corrections with the verdict they replace."""

    fresh: Sequence[Outcome] = field(default_factory=list)
    corrections: list[tuple[Outcome, Verdict]] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be judged on the day."""
        return not self.fresh and not self.corrections


class GatheringState(Struct):
    """All that a `Gathering` remembers.

    Attributes
    ----------
    watermarks
        Of each ledger partition.
    on_time
        By pattern: what matured on days that were not popped yet.
    late
        By the day on which it became known, then by sale; kept for some days after that day was
        popped, to recognise what is sent again.
    identical_sales, tenure, bursts
        What was known on the days that were popped.
    idle_until
        By ledger partition that was empty: the watermark of the others when it last said so.
    screen
        What may have to be left out, or told after all.
    """

    watermarks: list[Seconds]
    on_time: dict[PatternName, list[Outcome]]
    late: dict[Day, dict[str, LateOutcome]] = field(default_factory=dict)
    identical_sales: IdenticalSalesState = field(default_factory=dict)
    tenure: TenureState = field(default_factory=TenureState)
    bursts: BurstsState = field(default_factory=BurstsState)
    idle_until: dict[int, Seconds] = field(default_factory=dict)
    screen: ScreenState = field(default_factory=ScreenState)


class Gathering:
    """Receives bundles of several ledgers in any order, and returns whole days in canonical order.

    A ledger that was restarted sends some outcomes again. One that was sent in time is recognised
    by the ledger's watermark, which had passed it; one that a late event brought, by its sale.

    Parameters
    ----------
    patterns
        Names of the patterns by which ledgers judge sales.
    ledgers
        How many ledger partitions send to this one.
    kept_days
        For how many days late outcomes and duplicates are remembered after they were popped.
    burst
        The pattern that is derived here from those of ``quick_cancellation``, or None.
    tenure
        Whether cells end in the seller's tenure.
    screen
        Leaves out what could not be seen; without it, nothing is left out.
    """

    def __init__(
        self,
        patterns: Iterable[PatternName],
        ledgers: int,
        kept_days: int,
        *,
        burst: BurstPattern | None = None,
        tenure: bool = False,
        screen: Screen | None = None,
    ) -> None:
        self.screen: Final = Screen({}, {}, 0.0, kept_days) if screen is None else screen
        self._kept_days: Final = kept_days
        self._burst, self._by_tenure = burst, tenure
        self.restore(GatheringState([BEGINNING] * ledgers, {name: [] for name in patterns}))

    def receive(self, bundle: OutcomeBundle) -> None:
        """Receive a bundle of one ledger partition."""
        if bundle.empty:
            self._receive_empty(bundle.ledger_partition)
            return
        if self._tenure is not None:
            self._tenure.learn(bundle.started)
        watermark, on_time = self.state.watermarks[bundle.ledger_partition], self.state.on_time
        for outcome in bundle.outcomes:
            if outcome.known_at > outcome.matured_at or outcome.before:
                self._receive_late(outcome)
            elif outcome.matured_at >= watermark:
                on_time[outcome.pattern].append(outcome)
        self._sorted = False
        if bundle.watermark > watermark:
            self.state.watermarks[bundle.ledger_partition] = bundle.watermark

    def receive_all(self, bundle: OutcomeBundle, good: Iterable[GoodOutcomes]) -> None:
        """Receive a bundle, and outcomes of the same ledger partition that came in columns."""
        self._good.receive(good, self.state.watermarks[bundle.ledger_partition])
        self.receive(bundle)

    def snapshot(self) -> GatheringState:
        """Return the whole state; it shares records with this object: encode it at once."""
        sent = self.state.on_time
        on_time = {name: [*sent[name], *self._good.outcomes(name)] for name in sent}
        return structs.replace(self.state, on_time=on_time)

    def restore(self, state: GatheringState) -> None:
        """Restore the `state` of another gathering of the same patterns."""
        self.state = state
        self._sorted, self._good, kept = False, GoodWaiting(), self._kept_days
        self.screen.state = state.screen
        self._identical = IdenticalSales(state.identical_sales, kept)
        self._tenure: Tenure | None = Tenure(state.tenure, kept) if self._by_tenure else None
        self._bursts = None if self._burst is None else Bursts(self._burst, state.bursts)

    def complete_until(self) -> Seconds:
        """Return the event time (seconds) before which every ledger has sent everything.

        A ledger that was empty is not waited for, up to the watermark of all others at that moment.
        What it sends about that time after all is late: it counts on the next day that is popped.
        """
        idle_until = self.state.idle_until
        if not idle_until:
            return min(self.state.watermarks)
        watermarks = enumerate(self.state.watermarks)
        return min(max(until, idle_until.get(ledger, BEGINNING)) for ledger, until in watermarks)

    def first_day(self) -> Day:
        """Return a complete day before which nothing happened; all ledgers must be known.

        It is the last complete one if there is nothing yet: the other partitions wait for a report.
        """
        days = [day_of(self.complete_until()) - 1, *self.state.late]
        days += [day_of(min(map(maturity, some))) for some in self.state.on_time.values() if some]
        return min([*days, *self._good.days()])

    def pop(self, day: Day, blindness: Blindness = EVERYTHING_SEEN) -> dict[PatternName, DayBatch]:
        """Return what became known on a complete day, once; days must be popped in their order.

        `blindness` is what could not be seen, as of the end of that day.
        """
        self._forget(day)
        late = self._late_of(day)
        batches: dict[PatternName, DayBatch] = {}
        for name, fresh in self._matured_before(end_of_day(day)):
            has_work = self.screen.has_work(name, blindness)
            if not (fresh or name in late or has_work):
                continue
            batch = _batch(day, fresh, late.get(name, []))
            if has_work:
                batch = self._screened(day, name, batch, blindness)
                if not (batch.fresh or batch.corrections):
                    continue
            beyond: Collection[str] = ()
            if self._bursts is not None and batch.fresh and name == self._bursts.source:
                bursts = self._bursts.find(day, batch.fresh)
                batches[self._bursts.name] = DayBatch(bursts.trials)
                beyond = bursts.beyond
            batches[name] = self._counted(day, batch, beyond)
        return batches

    def keep(self, agents: Collection[AgentId], day: Day) -> None:
        """Forget what is remembered of all others for good, before a day is popped."""
        if self._tenure is not None:
            self._tenure.keep(agents, day)

    def _forget(self, day: Day) -> None:
        """Drop what can no longer be sent again or corrected."""
        drop_before(self.state.late, day - self._kept_days)
        self._identical.forget(day)
        if self._tenure is not None:
            self._tenure.forget(day)

    def _late_of(self, day: Day) -> dict[PatternName, list[LateOutcome]]:
        """Return what late events brought on a day, without corrections of duplicates."""
        found: dict[PatternName, list[LateOutcome]] = {}
        for key, late in self.state.late.get(day, {}).items():
            if key not in self._identical:
                found.setdefault(late.outcome.pattern, []).append(late)
        return found

    def _screened(
        self, day: Day, name: PatternName, batch: DayBatch, blindness: Blindness
    ) -> DayBatch:
        """Return what is left of a day's outcomes without those that could not be seen."""
        fresh, corrections = self.screen.passed(
            day, name, batch.fresh, batch.corrections, blindness
        )
        fresh.sort(key=maturity)
        kept = [one for one in corrections if identity(one[0]) not in self._identical]
        kept.sort(key=lambda correction: canonical(correction[0]))
        return DayBatch(in_canonical_order(fresh), kept)

    def _counted(self, day: Day, batch: DayBatch, beyond: Collection[str]) -> DayBatch:
        """Return what counts of a day's outcomes: one of each batch, in the seller's cell."""
        trials = self._identical.trials(day, batch.fresh, beyond)
        if self._tenure is None:
            return DayBatch(trials, batch.corrections)
        fresh = self._tenure.fresh(day, trials)
        return DayBatch(fresh, self._tenure.corrections(batch.corrections))

    def _matured_before(self, end: Seconds) -> Iterator[tuple[PatternName, Sequence[Outcome]]]:
        """Pop from each list what matured before `end`, in the order of maturity."""
        for name, waiting in self.state.on_time.items():
            # Sorted once after each bundle, not once a day: a catch-up pops many days in a row.
            if not self._sorted:
                waiting.sort(key=maturity)
            ready = bisect_left(waiting, end, key=maturity)
            fresh = waiting[:ready]
            del waiting[:ready]
            good = self._good.pop(name, end)
            yield name, in_order_of_maturity(good, fresh) if good else fresh
        self._sorted = True

    def _receive_empty(self, ledger: int) -> None:
        """Stop waiting for a ledger without events, up to the watermark of the others until now."""
        others = [until for until in self.state.watermarks if until > BEGINNING]
        if others:
            idle_until = self.state.idle_until
            idle_until[ledger] = max(idle_until.get(ledger, BEGINNING), min(others))

    def _receive_late(self, outcome: Outcome) -> None:
        complete_until = self.complete_until()
        # A late outcome counts on the first day that is not complete: earlier ones may be judged.
        known_on = day_of(outcome.known_at)
        open_day = known_on if complete_until == BEGINNING else day_of(complete_until)
        day = max(known_on, open_day)
        late = self.state.late
        key = identity(outcome)
        known_since = max((on for on, entries in late.items() if key in entries), default=None)
        if known_since is None:
            # What is older than all that is remembered was counted before, and is sent again.
            if known_on >= open_day - self._kept_days:
                late.setdefault(day, {})[key] = LateOutcome(outcome, outcome.before)
        elif known_since == day:
            late[day][key].outcome = outcome
        elif known_since < day and late[known_since][key].outcome.verdict is not outcome.verdict:
            before = late[known_since][key].outcome.verdict
            late.setdefault(day, {})[key] = LateOutcome(outcome, before)


def _batch(day: Day, fresh: Sequence[Outcome], late: list[LateOutcome]) -> DayBatch:
    if not late:  # nearly always
        return DayBatch(in_canonical_order(fresh))
    fresh, corrections = list(fresh), list[tuple[Outcome, Verdict]]()
    for entry in late:
        outcome, before = entry.outcome, entry.before
        if outcome.verdict is before:
            continue
        counted = before in (Verdict.GOOD, Verdict.BAD)
        if counted and day_of(outcome.matured_at) < day:
            corrections.append((outcome, before))
            continue
        if counted:  # and judged today: the correction replaces the outcome before anyone saw it
            fresh = [other for other in fresh if not same(other, outcome)]
        if outcome.verdict is not Verdict.EXCLUDED:
            fresh.append(outcome)
    fresh.sort(key=maturity)
    corrections.sort(key=lambda correction: canonical(correction[0]))
    return DayBatch(in_canonical_order(fresh), corrections)
