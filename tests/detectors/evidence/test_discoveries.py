from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.evidence.discoveries import discovery_threshold

e_values = st.one_of(
    st.floats(0, 20),
    st.floats(1, 1_000),
    st.floats(10, 1e100),
    st.sampled_from([10.0, 20.0, 100.0, inf]),
)
rates = st.sampled_from([0.01, 0.05, 0.1, 0.2, 0.5])


def by_definition(values: list[float], rate: float) -> list[float]:
    """Return the k largest e-values for the largest k with e_(k) >= n / (rate * k)."""
    descending = sorted(values, reverse=True)
    kept = [
        rank
        for rank in range(1, len(values) + 1)
        if descending[rank - 1] >= len(values) / (rate * rank)
    ]
    return descending[: max(kept, default=0)]


@given(st.lists(e_values, max_size=40), rates)
def test_discoveries_are_those_of_the_definition(values: list[float], rate: float) -> None:
    threshold = discovery_threshold(values, len(values), rate)
    found = sorted((value for value in values if value >= threshold), reverse=True)
    expected = by_definition(values, rate)
    assert found[: len(expected)] == expected
    if inf not in values:
        assert found == expected


@given(st.lists(e_values, max_size=40), rates)
def test_small_e_values_may_be_left_out(values: list[float], rate: float) -> None:
    candidates = [value for value in values if value >= 1.0 / rate]
    assert discovery_threshold(candidates, len(values), rate) == discovery_threshold(
        values, len(values), rate
    )


@given(st.lists(e_values, min_size=1, max_size=40), rates, st.integers(0, 39), st.floats(1, 1e6))
def test_more_evidence_against_one_never_saves_another(
    values: list[float], rate: float, position: int, lift: float
) -> None:
    position %= len(values)
    before = discovery_threshold(values, len(values), rate)
    found = [value for value in values[:position] + values[position + 1 :] if value >= before]
    values[position] *= lift
    after = discovery_threshold(values, len(values), rate)
    assert all(value >= after for value in found)


def test_the_threshold_of_a_known_case() -> None:
    assert discovery_threshold([1_000.0, 400.0, 30.0], 20, 0.1) == 400.0
    assert discovery_threshold([1_000.0, 99.0, 67.0], 20, 0.1) == 67.0
    assert discovery_threshold([199.0], 20, 0.1) == inf
    assert discovery_threshold([], 20, 0.1) == inf


@pytest.mark.parametrize(
    ("values", "hypotheses", "rate", "name"),
    [
        ([1.0], 0, 0.1, "hypotheses"),
        ([-1.0], 1, 0.1, "candidates"),
        ([2.0, float("nan"), 1.0], 3, 0.1, "candidates"),
        ([1.0], 1, 0.0, "false_discovery_rate"),
        ([1.0], 1, 1.0, "false_discovery_rate"),
        ([1.0], 1, float("nan"), "false_discovery_rate"),
    ],
)
def test_impossible_questions_are_refused(
    values: list[float], hypotheses: int, rate: float, name: str
) -> None:
    with pytest.raises(ValueError, match=name):
        discovery_threshold(values, hypotheses, rate)
