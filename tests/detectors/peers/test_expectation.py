from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.identifiers import Cell
from detectors.evidence.shiryaev_roberts import LEAST_PROBABILITY
from detectors.peers.cells import CellTree
from detectors.peers.expectation import (
    COLUMNS,
    LEAST,
    baseline,
    level_of_all,
    level_within,
    moved,
    sum_up,
)
from detectors.peers.recent import FINENESS
from tests.detectors.peers.columns import CellTotals

COUNTS = st.integers(-5, 10**9)
RECENT = st.floats(-5, 1e6)
SHRINKAGES = st.floats(1e-300, 1e12)
CELLS = st.dictionaries(
    st.sampled_from([f"{product}/{channel}" for product in "abcd" for channel in "xyz"]),
    st.tuples(st.integers(0, 1_000), st.integers(0, 1_000)).map(
        lambda counts: CellTotals(sum(counts), counts[0], 0.0, 0.0)
    ),
    min_size=1,
)


def expected(
    bad: int, matured: int, bad_anywhere: int, matured_anywhere: int, shrinkage: float = 100.0
) -> float:
    everywhere = level_of_all(matured_anywhere, bad_anywhere, 0.0, 0.0)
    return moved(level_within(everywhere, matured, bad, 0.0, 0.0, shrinkage))


def test_with_nobody_else_to_compare_with_nobody_is_accused() -> None:
    assert expected(0, 0, 0, 0) == 0.5


def test_a_cell_without_others_has_the_rate_of_the_wider_one() -> None:
    assert expected(0, 0, 95, 990) == pytest.approx(0.1)


def test_a_large_cell_has_its_own_rate() -> None:
    assert expected(300_000, 1_000_000, 310_000, 9_000_000) == pytest.approx(0.3, rel=1e-3)


def test_the_wider_cell_weighs_as_much_as_the_shrinkage_says() -> None:
    assert expected(20, 100, 995, 9_990, 100.0) == pytest.approx((20 + 10) / 200)
    assert expected(20, 100, 995, 9_990, 300.0) == pytest.approx((20 + 30) / 400)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.4])
def test_a_storm_seen_in_all_cells_alike_is_the_same_ratio_of_odds_in_a_cell_without_recent_ones(
    rate: float,
) -> None:
    doubled = 2 * rate / (1 + rate)
    everywhere = level_of_all(1e12, rate * 1e12, doubled * 1e9, rate * 1e9)
    assert moved(everywhere) == pytest.approx(doubled, rel=1e-6)
    elsewhere = level_within(everywhere, 1e12, 0.05 * 1e12, 0.0, 0.0, 100.0)
    assert moved(elsewhere) == pytest.approx(0.1 / 1.05, rel=1e-6)


@given(
    st.tuples(COUNTS, COUNTS, RECENT, RECENT), st.tuples(COUNTS, COUNTS, RECENT, RECENT), SHRINKAGES
)
def test_no_expectation_is_certain_whatever_corrections_have_left(
    anywhere: tuple[int, int, float, float],
    in_cell: tuple[int, int, float, float],
    shrinkage: float,
) -> None:
    everywhere = level_of_all(*anywhere)
    for level in (everywhere, level_within(everywhere, *in_cell, shrinkage)):
        assert LEAST_PROBABILITY <= LEAST <= moved(level) <= 1 - LEAST


@given(CELLS, st.floats(0.5, 1e4), st.randoms(use_true_random=True))
def test_the_baseline_is_the_same_to_the_bit_in_whatever_order_cells_became_known(
    cells: dict[Cell, CellTotals], shrinkage: float, random: Random
) -> None:
    found = []
    for number in range(2):
        tree = CellTree()
        names = list(cells)
        if number:
            random.shuffle(names)
            tree.node(Cell("e/x"))
        nodes = tree.nodes(names)
        table = np.zeros((len(tree), COLUMNS))
        table[nodes] = [cells[name] for name in names]
        sum_up(tree.parents(), table)
        rates = baseline(tree.parents(), table, shrinkage)
        found.append({name: rates[tree.node(name)] for name in cells})
        assert np.all(rates * FINENESS == np.rint(rates * FINENESS))
    assert found[0] == found[1]
