import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.evidence.shiryaev_roberts import LEAST_PROBABILITY
from detectors.peers.expectation import LEAST, expectations


def expected(
    bad: int, matured: int, bad_anywhere: int, matured_anywhere: int, shrinkage: float = 100.0
) -> float:
    found = expectations(
        np.array([bad]),
        np.array([matured]),
        np.array([bad_anywhere]),
        np.array([matured_anywhere]),
        shrinkage,
    )
    return float(found[0])


def test_with_nobody_else_to_compare_with_nobody_is_accused() -> None:
    assert expected(0, 0, 0, 0) == 0.5


def test_a_cell_without_others_has_the_overall_rate() -> None:
    assert expected(0, 0, 95, 990) == pytest.approx(0.1)


def test_a_large_cell_has_its_own_rate() -> None:
    assert expected(300_000, 1_000_000, 310_000, 9_000_000) == pytest.approx(0.3, rel=1e-3)


def test_the_overall_rate_weighs_as_much_as_the_shrinkage_says() -> None:
    assert expected(20, 100, 995, 9_990, 100.0) == pytest.approx((20 + 10) / 200)
    assert expected(20, 100, 995, 9_990, 300.0) == pytest.approx((20 + 30) / 400)


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(0, 10**9), st.floats(1e-300, 1e12))
def test_no_expectation_is_certain(good: int, bad: int, elsewhere: int, shrinkage: float) -> None:
    found = expected(bad, bad + good, bad + elsewhere // 2, bad + good + elsewhere, shrinkage)
    assert LEAST_PROBABILITY <= LEAST <= found <= 1 - LEAST
