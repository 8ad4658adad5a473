"""Gatherings that each break the law of batches."""

from collections.abc import Collection, Sequence

from detectors.agents.gathering.gathering import DayBatch, Gathering, GatheringState
from detectors.agents.gathering.identical_sales import IdenticalSales
from detectors.basis.event_time import Day, day_of
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.sight.stretch import EVERYTHING_SEEN, Blindness


class CountsIdenticalSales(Gathering):
    """Counts each of some identical sales as a trial."""

    def restore(self, state: GatheringState) -> None:
        super().restore(state)
        self._identical = _NoIdenticalSales(state.identical_sales, 0)


class _NoIdenticalSales(IdenticalSales):
    def trials(
        self, day: Day, outcomes: Sequence[Outcome], beyond: Collection[str] = ()
    ) -> Sequence[Outcome]:
        del day, beyond
        return outcomes


class KeepsTheFirstToArrive(Gathering):
    """Counts what was sent first as the trial, and drops the rest at once."""

    def receive(self, bundle: OutcomeBundle) -> None:
        known = {
            (sent.agent_id, sent.batch, day_of(sent.matured_at))
            for waiting in self.state.on_time.values()
            for sent in waiting
        }
        first: list[Outcome] = []
        for outcome in bundle.outcomes:
            key = (outcome.agent_id, outcome.batch, day_of(outcome.matured_at))
            if not outcome.batch or outcome.before or key not in known:
                first.append(outcome)
            known.add(key)
        super().receive(OutcomeBundle(bundle.ledger_partition, bundle.watermark, first))


class TakesTheBadOne(Gathering):
    """Of identical sales, counts one that went bad as the trial if there is one."""

    def restore(self, state: GatheringState) -> None:
        super().restore(state)
        self._identical = _BadFirst(state.identical_sales, self._kept_days)


class _BadFirst(IdenticalSales):
    def trials(
        self, day: Day, outcomes: Sequence[Outcome], beyond: Collection[str] = ()
    ) -> Sequence[Outcome]:
        bad_first = sorted(outcomes, key=lambda outcome: outcome.verdict is not Verdict.BAD)
        trials = super().trials(day, bad_first, beyond)
        return [outcome for outcome in outcomes if outcome in trials]


class CorrectsIdenticalSales(Gathering):
    """Does not remember which outcomes were duplicates."""

    def pop(self, day: Day, blindness: Blindness = EVERYTHING_SEEN) -> dict[PatternName, DayBatch]:
        popped = super().pop(day, blindness)
        self.state.identical_sales.clear()
        return popped
