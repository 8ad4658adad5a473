"""Gatherings whose bursts each break a law."""

from collections.abc import Sequence

from msgspec import structs

from detectors.agents.gathering.bursts import Bursts, BurstsState, DayBursts
from detectors.agents.gathering.gathering import Gathering, GatheringState
from detectors.agents.gathering.order import identity
from detectors.basis.event_time import Day
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome
from detectors.patterns import BurstPattern


class _Gathering(Gathering):
    bursts: type[Bursts] = Bursts

    def restore(self, state: GatheringState) -> None:
        super().restore(state)
        if self._burst is not None:
            self._bursts = self.bursts(self._burst, state.bursts)


class _Trials(Bursts):
    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        return super().find(day, list({(o.agent_id, o.batch): o for o in outcomes}.values()))


class LooksAfterTheBatchRule(_Gathering):
    """Sees of sales alike only one."""

    bursts = _Trials


class _EachCancellation(Bursts):
    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        apart = [
            structs.replace(outcome, batch=0) if outcome.verdict is Verdict.BAD else outcome
            for outcome in outcomes
        ]
        return super().find(day, apart)


class CountsCancellationsOfOneBatchApart(_Gathering):
    """Counts identical sales that were cancelled as so many cancellations."""

    bursts = _EachCancellation


class _Forgetful(Bursts):
    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        self._ended.clear()
        return super().find(day, outcomes)


class ForgetsCancellations(_Gathering):
    """Sees only cancellations of sales that mature together."""

    bursts = _Forgetful


class _WithoutCancellations(Bursts):
    def __init__(self, pattern: BurstPattern, state: BurstsState) -> None:
        super().__init__(pattern, BurstsState(sales=state.sales))


class ForgetsInARestart(_Gathering):
    """Leaves the cancellations out of what is saved."""

    bursts = _WithoutCancellations


class _WithoutSales(Bursts):
    def __init__(self, pattern: BurstPattern, state: BurstsState) -> None:
        super().__init__(pattern, BurstsState(ended=state.ended))


class ForgetsSalesInARestart(_Gathering):
    """Leaves out of what is saved how much the agents sold."""

    bursts = _WithoutSales


class _OneSize(BurstPattern, frozen=True):
    def threshold(self, sales: int) -> int:
        del sales
        return self.size


class _FixedSize(Bursts):
    def __init__(self, pattern: BurstPattern, state: BurstsState) -> None:
        super().__init__(_OneSize(pattern.window, pattern.size), state)


class ThinksAllAgentsSmall(_Gathering):
    """Uses the same size of a burst, however much an agent sells."""

    bursts = _FixedSize


class _Groups(Bursts):
    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        found = super().find(day, outcomes)
        trials = [
            trial if trial.cell.startswith("-") else structs.replace(trial, verdict=Verdict.BAD)
            for trial in found.trials
        ]
        return DayBursts(trials, found.beyond)


class AccusesOfGroups(_Gathering):
    """Counts many identical sales as a burst, whatever became of them."""

    bursts = _Groups


class _Again(Bursts):
    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        for agents in self._ended.values():
            for ended in agents.values():
                ended.counted = False
        return super().find(day, outcomes)


class CountsABurstAgain(_Gathering):
    """Counts a burst again whenever more cancellations of its day follow."""

    bursts = _Again


class _NothingBeyond(Bursts):
    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        return DayBursts(super().find(day, outcomes).trials)


class LeavesThemToTheRates(_Gathering):
    """Counts every cancellation of a burst in the rate, too."""

    bursts = _NothingBeyond


class _First(Bursts):
    def find(self, day: Day, outcomes: Sequence[Outcome]) -> DayBursts:
        found = super().find(day, outcomes)
        bad = [identity(outcome) for outcome in outcomes if outcome.verdict is Verdict.BAD]
        return DayBursts(found.trials, frozenset(bad[: len(found.beyond)]))


class LeavesOutTheFirst(_Gathering):
    """Counts the last cancellations of a burst instead of the first."""

    bursts = _First
