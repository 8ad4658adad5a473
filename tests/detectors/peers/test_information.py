"""How uncertain an expectation is: what it rests on, against what was expected of the agent."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.totals.own_totals import OwnTotals
from detectors.agents.totals.slots import SlotIndex
from detectors.basis.event_time import Day
from detectors.basis.identifiers import Cell
from detectors.peer_settings import PeerSettings
from detectors.peers.leave_one_out import OWN_RECENT_EXPECTED, Expected
from tests.detectors.peers.columns import CellTotals, table_of

COUNTS = st.integers(0, 2_000)


def expected_of(
    cells: dict[Cell, CellTotals],
    cell: str,
    sales: int,
    *,
    counted: bool = True,
    shrinkage: int = 1,
) -> tuple[OwnTotals, Expected]:
    """Return what is expected of an agent of good sales only; `cells` hold them if counted."""
    own = OwnTotals(PeerSettings(shrinkage=shrinkage), SlotIndex())
    own.begin(Day(1))
    own.know(tuple(cells))
    slot = np.array([own.index.slot(0, Cell(cell))])
    own.count(slot, np.array([sales]), np.array([0]), np.array([counted]))
    return own, own.compare(table_of(cells))


@given(COUNTS, COUNTS, st.integers(0, 50), st.integers(0, 50), st.integers(0, 300))
def test_it_is_the_sum_of_both_uncertainties(
    here: int, elsewhere: int, recent_here: int, recent_elsewhere: int, sales: int
) -> None:
    cells = {
        Cell("a/x"): CellTotals(3 * here + sales, here, 0.0, float(recent_here)),
        Cell("a/y"): CellTotals(3 * elsewhere, elsewhere, 0.0, float(recent_elsewhere)),
    }
    own, found = expected_of(cells, "a/x", sales, counted=False)
    own_expected = own._slots.table[own.index.slot(0, Cell("a/x")), OWN_RECENT_EXPECTED]  # noqa: SLF001 - what compare expected
    lately, ever = 3.0 + recent_here + recent_elsewhere, 5.0 + here + elsewhere
    matured = sales + 3.0 * (here + elsewhere)
    rate = (here + elsewhere + 5.0) / (matured + 10.0)
    lately, ever = (
        recent_here + recent_elsewhere + min(10.0, lately),
        here + elsewhere + min(rate, ever),
    )
    rate = (here + elsewhere + rate) / (matured + 1.0)
    lately, ever = recent_here + min(10.0, lately), here + min(rate, ever)
    by_definition = 1.0 + own_expected / lately + found.probabilities[0] * sales / ever
    assert found.inflations[0] == pytest.approx(by_definition)


def test_an_agent_like_two_hundred_others_loses_next_to_nothing() -> None:
    cells = {Cell("a"): CellTotals(200 * 200, 200 * 20, 0.0, 200 * 0.75)}
    _, found = expected_of(cells, "a", 200)
    assert 1.0 < found.inflations[0] < 1.15  # all of the sales on one day
    _, found = expected_of(cells, "a", 10)
    assert 1.0 < found.inflations[0] < 1.01


def test_the_only_seller_of_a_cell_is_hardly_judged_also_when_left_out() -> None:
    others = {Cell("b"): CellTotals(2_000, 200, 0.0, 20.0)}
    own = {Cell("a"): CellTotals(1_000, 0, 0.0, 0.0)}
    for cells, counted in ((others | own, True), (others, False)):
        _, found = expected_of(cells, "a", 1_000, counted=counted, shrinkage=100)
        assert found.inflations[0] > 3.0
