"""Who outweighs all others in a cell, and who only seems to."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pytest

from detectors.agents.totals.outweighing import Beside, Outweighing
from detectors.basis.identifiers import Cell
from detectors.evidence.arrays import Integers
from detectors.peers.leave_one_out import OWN_MATURED, Slots
from tests.detectors.peers.market import PATTERN, Market, Sale

CARD, LOAN = Cell("card"), Cell("loan")
GIANT, FEW = 0, range(1, 4)
PAST: Final = 60


def some(agent: int, number: int, bad: int, cell: Cell = CARD) -> list[Sale]:
    return [Sale(agent, cell, int(one < bad)) for one in range(number)]


def others(day: int, bad: int = 1) -> list[Sale]:
    return [sale for agent in FEW for sale in some(agent, 4, bad if day % 4 == 0 else 0)]


def stands(market: Market, agent: int, cell: Cell = CARD) -> tuple[bool, bool]:
    """Return whether an agent outweighs others there, and whether they are alone."""
    [partition], review = market.partitions, market.review
    assert review is not None
    own = partition.own
    slots = np.array([own.index.slot(partition.row(agent), cell)], np.int64)
    beside = own.beside(slots, review.known[PATTERN].of_peers())
    return bool(beside.outweighs[0]), bool(beside.alone[0])


def after(days: Sequence[list[Sale]], out_from: int | None = None) -> Market:
    """Return a market after some days; the giant is left out from one of them on."""
    market = Market()
    for day, sales in enumerate(days):
        is_out = out_from is not None and day >= out_from
        market.day(day, sales, [GIANT] if is_out else [])
    return market


def joined(giant: int, bad: int, days: int = 3, other: int = 1) -> list[list[Sale]]:
    past = [others(day, other) for day in range(PAST)]
    return past + [others(day, other) + some(GIANT, giant, bad) for day in range(PAST, PAST + days)]


@pytest.mark.parametrize("bad", [0, 300])
def test_a_giant_does_within_days_whether_good_or_bad(bad: int) -> None:
    market = after(joined(300, bad))
    assert stands(market, GIANT) == (True, False)
    assert not any(stands(market, agent)[0] for agent in FEW)


@pytest.mark.parametrize("out_from", [None, PAST, PAST + 2])
def test_leaving_the_peers_brings_nobody_back(out_from: int | None) -> None:
    assert stands(after(joined(300, 0), out_from), GIANT) == (True, False)


def test_a_large_colleague_does_not() -> None:
    assert stands(after(joined(30, 3)), GIANT) == (False, False)


def test_others_who_say_too_little_are_not_outweighed() -> None:
    assert stands(after(joined(300, 20, other=0)), GIANT) == (False, False)


def test_who_sells_alone_in_a_cell_outweighs_nobody() -> None:
    days = [others(day) + some(GIANT, 40, 2, LOAN) for day in range(PAST)]
    assert stands(after(days), GIANT, LOAN) == (False, False)


def test_one_who_sells_alone_in_a_quiet_week_does_not() -> None:
    days = [others(day) + some(GIANT, 4, 0) for day in range(PAST)]
    assert stands(after(days + [some(GIANT, 4, 0)] * 10), GIANT) == (False, False)


def test_without_anybody_else_one_is_alone() -> None:
    assert stands(after([some(GIANT, 4, 1)] * 3), GIANT) == (False, True)


def test_each_cell_is_looked_at_when_something_is_sold_there() -> None:
    known, index = Outweighing(), np.array([5, 7, 5], np.int64)
    known.update(index, np.array([True, False, True]))
    known.update(np.array([7], np.int64), np.array([False]))
    assert known.slots == {5}
    assert [*known.rows(lambda slots: slots + 10)] == [15]
    known.update(np.array([5], np.int64), np.array([False]))
    assert known.slots == set()


def test_the_cases_bite(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where sizes alone count, who sells alone in a cell outweighs nobody and everybody."""

    def by_size(slots: Slots, chosen: Integers, *_: object) -> Beside:
        own = slots.table[chosen, OWN_MATURED]
        return Beside(own > 100.0, np.zeros(chosen.size, np.bool_))

    monkeypatch.setattr("detectors.agents.totals.own_totals.beside", by_size)
    days = [others(day) + some(GIANT, 40, 2, LOAN) for day in range(PAST)]
    assert stands(after(days), GIANT, LOAN) == (True, False)
