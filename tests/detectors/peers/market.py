"""A market of agents over several partitions, and the same from scratch in plain Python."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from detectors.agents.totals.own_totals import OwnTotals
from detectors.agents.totals.slots import SlotIndex
from detectors.basis.event_time import Day
from detectors.basis.identifiers import Cell, PatternName
from detectors.messages.outcomes import DayReport, DayReview
from detectors.peers.cells import wider
from detectors.peers.room import Room
from detectors.peers.stage import Peers
from detectors.settings import Settings
from tests.detectors.peers.columns import day_totals

PATTERN = PatternName("quick_cancellation")
SETTINGS = Settings()


class Sale(NamedTuple):
    """A sale of one day whose outcome became known, or with ``matured`` -1 one taken back."""

    agent: int
    cell: Cell
    bad: int
    matured: int = 1


class Partition:
    """The part of the agents stage that reports totals and asks for expectations."""

    def __init__(self, number: int, own: Callable[[], OwnTotals]) -> None:
        self.number = number
        self.own = own()
        self.rows: dict[int, int] = {}
        self.leavers: list[int] = []
        self.out: set[int] = set()

    def row(self, agent: int) -> int:
        return self.rows.setdefault(agent, len(self.rows))

    def report(self, day: int, sales: Sequence[Sale], out: Collection[int]) -> DayReport:
        self.leavers = sorted(set(out) - self.out)
        self.out = set(out)
        past = self.own.past([self.row(agent) for agent in self.leavers])
        left_out = added([sale for sale in sales if sale.agent in self.out])
        return DayReport(
            self.number,
            Day(day),
            {PATTERN: day_totals(added(sales), left_out)},
            forgotten={PATTERN: past},
        )

    def judge(self, review: DayReview, sales: Sequence[Sale]) -> list[float]:
        own = self.own
        own.begin(review.day)
        own.know(review.known[PATTERN].cells)
        for agent in self.leavers:
            own.forget(self.row(agent))
        slots = np.array(
            [own.index.slot(self.row(sale.agent), sale.cell) for sale in sales], np.int64
        )
        own.count(
            slots,
            np.array([sale.matured for sale in sales], np.int64),
            np.array([sale.bad for sale in sales], np.int64),
            np.array([sale.agent not in self.out for sale in sales], np.bool_),
        )
        expected = own.compare(review.known[PATTERN].of_peers())
        found: list[float] = expected.probabilities.tolist()
        return found


class Market:
    """All stages that expectations pass through; agents are dealt to them by number."""

    def __init__(
        self,
        partitions: int = 1,
        own: Callable[[], OwnTotals] = lambda: OwnTotals(SETTINGS.peers, SlotIndex()),
        settings: Settings = SETTINGS,
        room: Room | None = None,
    ) -> None:
        self.partitions = [Partition(number, own) for number in range(partitions)]
        self.peers = Peers(settings, partitions, room=room)
        self.review: DayReview | None = None

    def day(self, day: int, sales: Sequence[Sale], out: Collection[int] = ()) -> list[float]:
        """Run all stages over a day; return the expectation of each sale."""
        number = len(self.partitions)
        shares = [[s for s in sales if s.agent % number == p.number] for p in self.partitions]
        reviews: list[DayReview] = []
        for partition, share in zip(self.partitions, shares, strict=True):
            left_out = [agent for agent in out if agent % number == partition.number]
            reviews += self.peers.receive(partition.report(day, share, left_out))
        [self.review] = reviews
        found = {
            partition.number: iter(partition.judge(self.review, share))
            for partition, share in zip(self.partitions, shares, strict=True)
        }
        return [next(found[sale.agent % number]) for sale in sales]


def added(sales: Sequence[Sale]) -> dict[Cell, tuple[int, int]]:
    """Return what sales add to the totals of each cell."""
    return {
        cell: (
            sum(sale.matured for sale in sales if sale.cell == cell),
            sum(sale.bad for sale in sales if sale.cell == cell),
        )
        for cell in {sale.cell: None for sale in sales}
    }


def path(cell: Cell) -> list[Cell]:
    """Return the cells from the root down to this one."""
    return [cell] if cell == "" else [*path(wider(cell)), cell]


def rate(sales: Sequence[Sale], cell: Cell) -> float:
    """Return the rate of a cell by definition, from the root down."""
    found = 0.0
    for node in path(cell):
        within = [sale for sale in sales if node in path(sale.cell)]
        matured, bad = sum(sale.matured for sale in within), sum(sale.bad for sale in within)
        found = (bad + 100 * found) / (matured + 100) if node else (bad + 5) / (matured + 10)
    return found


class Absence(NamedTuple):
    """An agent is left out of the peers from ``first`` to ``last``, with all that came before."""

    agent: int
    first: int
    last: int

    def counts(self, sale: Sale, sold: int, today: int) -> bool:
        """Return whether a sale of the day ``sold`` is among those of the peers today."""
        return sale.agent != self.agent or today < self.first or today >= sold > self.last


NOBODY = Absence(-1, 0, 0)


def expectation(
    days: Mapping[int, Sequence[Sale]], today: int, sale: Sale, absence: Absence = NOBODY
) -> float:
    """Return the expectation of a sale by definition: the sales of all days without the agent's."""

    def counted(until: int) -> list[tuple[int, Sale]]:
        return [
            (day, sale)
            for day, sales in days.items()
            if day <= until
            for sale in sales
            if absence.counts(sale, day, until)
        ]

    recent = [(day, other) for day, other in counted(today) if other.agent != sale.agent]
    others = [other for _, other in recent]
    ever = {day: [known for _, known in counted(day)] for day, _ in recent}
    ratio = 1.0
    for node in path(sale.cell):
        lately = usual = 0.0
        for day, other in recent:
            if node in path(other.cell):
                left = 0.5 ** ((today - day) / 3)
                lately += left * other.bad
                usual += left * other.matured * rate(ever[day], other.cell)
        lately, usual = max(lately, 0.0), max(usual, 0.0)
        here = rate(others, node)
        if node:
            above = rate(others, wider(node))
            moved = min(above * ratio, (1 + above) / 2)
            odds_ratio = ratio * (1 - above) / (1 - moved)
            passed_on = odds_ratio / (1 + here * (odds_ratio - 1))
            ratio = (lately + 10 * passed_on) / (usual + 10)
        else:
            ratio = (lately + 3) / (usual + 3)
    last = rate(others, sale.cell)
    return min(last * ratio, (1 + last) / 2)
