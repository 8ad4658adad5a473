"""Buffers and rings of sales that each break one law."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from detectors.agents.early.at_risk import AtRisk, DayExposure
from detectors.agents.gathering.sales_buffer import ReceivedSales, SalesBuffer
from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import PatternName
from detectors.evidence.arrays import Integers
from detectors.messages.outcomes import SaleEnded, SaleMade, SalesDay


class CountsWhatIsSentTwice(SalesBuffer):
    """Counts what a ledger sends again as new."""

    def receive(self, days: Mapping[Day, SalesDay], ledger: int, watermark: Seconds) -> None:
        for day, sent in days.items():
            known = self.state.setdefault(day, {}).setdefault(ledger, ReceivedSales())
            known.made |= {len(known.made) + n: made for n, made in enumerate(sent.made)}
        super().receive(
            {day: SalesDay([], sent.ended) for day, sent in days.items()}, ledger, Seconds(0)
        )
        del watermark


class KeepsTheLastPiece(SalesBuffer):
    """Assumes that a ledger sends a day in one piece."""

    def receive(self, days: Mapping[Day, SalesDay], ledger: int, watermark: Seconds) -> None:
        for day in days:
            self.state.get(day, {}).pop(ledger, None)
        super().receive(days, ledger, watermark)


class FollowsIdenticalSales(AtRisk):
    """Follows every sale of a batch."""

    def _add(self, day: Day, made: Sequence[SaleMade]) -> None:
        super()._add(day, [SaleMade(m.agent_id, m.cell, m.sale_hash, 0) for m in made])


class LetsThemLeaveAtOnce(AtRisk):
    """Counts a sale that ended on a day as not at risk on it."""

    def advance(self, day: Day, sent: Mapping[Day, SalesDay]) -> DayExposure:
        exposure = super().advance(day, sent)
        at_risk = exposure.at_risk - exposure.ended
        return DayExposure(
            day,
            exposure.agent_names,
            exposure.agents,
            exposure.cell_names,
            exposure.cells,
            at_risk,
            exposure.ended,
        )


class NobodyLeaves(AtRisk):
    """Goes on counting sales that have ended."""

    def _leave(self, ended: Iterable[SaleEnded]) -> dict[Day, Integers]:
        counts = {day: (sold.counts.copy(), sold.groups.copy()) for day, sold in self._sold.items()}
        bad = super()._leave(ended)
        for day, (number, groups) in counts.items():
            self._sold[day].counts, self._sold[day].groups = number, groups
        return bad


class StopsADayEarly(AtRisk):
    """Forgets the last day of the window."""

    def __init__(self, pattern: str, window: float) -> None:
        super().__init__(PatternName(pattern), window - 1)


class SumsInOrderOfArrival(AtRisk):
    """Returns an agent's rows in the order in which somebody's sales happened to arrive."""

    def _exposure(
        self, day: Day, ages: Sequence[int], at_risk: Integers, bad: Mapping[Day, Integers]
    ) -> DayExposure:
        exposure = super()._exposure(day, ages, at_risk, bad)
        order = _by(exposure.agents, exposure.cells)
        return DayExposure(
            day,
            exposure.agent_names,
            exposure.agents[order],
            exposure.cell_names,
            exposure.cells[order],
            exposure.at_risk[order],
            exposure.ended[order],
        )


def _by(*keys: Collection[int]) -> Integers:
    return np.lexsort(tuple(np.array(key) for key in reversed(keys)))
