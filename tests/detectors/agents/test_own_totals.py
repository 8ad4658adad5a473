import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.own_totals import OwnTotals
from detectors.outcomes import Totals
from detectors.peers.expectation import INNOCENT_BAD, INNOCENT_MATURED

CELLS = ("card", "line", "phone")
SALES = st.lists(
    st.tuples(st.integers(0, 70), st.sampled_from(CELLS), st.booleans()), min_size=1, max_size=200
)
Sale = tuple[int, str, bool]


def counted(sales: list[Sale]) -> OwnTotals:
    own = OwnTotals()
    places = np.array([own.place(row, cell) for row, cell, _ in sales], np.int64)
    own.count(places, np.array([bad for _, _, bad in sales], np.bool_))
    return own


def everybody(sales: list[Sale]) -> dict[str, Totals]:
    return {
        cell: Totals(
            sum(sold == cell for _, sold, _ in sales),
            sum(sold == cell and bad for _, sold, bad in sales),
        )
        for cell in CELLS
    }


@given(SALES, st.floats(0.5, 200))
def test_expectations_are_what_the_formula_says_of_everybody_else(
    sales: list[Sale], shrinkage: float
) -> None:
    own = counted(sales)
    places = np.array([own.place(row, cell) for row, cell, _ in sales], np.int64)
    assert own.rows(places).tolist() == [row for row, _, _ in sales]
    expected = own.expectations(places, everybody(sales), shrinkage)
    for (row, cell, _), found in zip(sales, expected.tolist(), strict=True):
        others = [sale for sale in sales if sale[0] != row]
        matured, bad = INNOCENT_MATURED + len(others), INNOCENT_BAD + sum(o[2] for o in others)
        in_cell = [sale for sale in others if sale[1] == cell]
        top = sum(o[2] for o in in_cell) + shrinkage * bad / matured
        assert found == top / (len(in_cell) + shrinkage)


@given(SALES, SALES)
def test_restored_totals_go_on_as_if_nothing_had_happened(
    before: list[Sale], after: list[Sale]
) -> None:
    own, again = counted(before), OwnTotals()
    again.restore(own.snapshot())
    for totals in (own, again):
        for row, cell, bad in after:
            totals.change(totals.place(row, cell), 1, int(bad))
    assert again.snapshot() == own.snapshot()
    assert own.snapshot() == counted([*before, *after]).snapshot()
