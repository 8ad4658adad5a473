"""Tempered evidence: the definition with every likelihood raised to a power, and its mean."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.evidence.arrays import Integers
from detectors.evidence.early import EarlyEvidenceTable
from detectors.evidence.prior import ODDS_RATIOS, Prior, honest_factors
from tests.detectors.evidence.definition import Outcome, evidence
from tests.detectors.evidence.histories import (
    ROWS,
    columns,
    feed,
    histories,
    of_row,
    random_history,
    table_for,
)

SIXTEENTHS = [step / 16 for step in range(4, 17)]


@pytest.mark.parametrize("tempering", SIXTEENTHS)
def test_tempered_evidence_is_the_definition(tempering: float) -> None:
    history = random_history(11, 30, rows=1, lift=2.0)
    found = feed(table_for(rows=1), history, tempering)
    expected = evidence(history, 0.25, tempering=tempering)
    assert float(found[-1]) == pytest.approx(expected, rel=1e-10)


@settings(max_examples=20, deadline=None)
@given(histories(largest=12), st.sampled_from(SIXTEENTHS), st.sampled_from([0.05, 0.4, 1.5]))
def test_tempered_evidence_of_any_history_is_the_definition(
    history: list[Outcome], tempering: float, sd: float
) -> None:
    own = of_row(history, 0)
    found = feed(table_for(sd, rows=1), own, tempering)
    if own:
        expected = evidence(own, sd, tempering=tempering)
        assert float(found[-1]) == pytest.approx(expected, rel=1e-10)


def test_untempered_is_tempered_by_one_and_every_call_has_its_own() -> None:
    history = random_history(12, 60, rows=1)
    plain, by_one, mixed = table_for(rows=1), table_for(rows=1), table_for(rows=1)
    assert feed(plain, history).tobytes() == feed(by_one, history, 1.0).tobytes()
    feed(mixed, history[:30], 0.5)
    feed(mixed, history[30:], 0.875)
    halves = table_for(rows=1)
    feed(halves, history, 0.5)
    assert mixed.evidence()[0] != plain.evidence()[0]
    assert mixed.evidence()[0] != halves.evidence()[0]


@pytest.mark.parametrize("tempering", SIXTEENTHS)
def test_a_tempered_bet_against_a_known_honest_agent_never_gains(tempering: float) -> None:
    """For one honest level, E[L^eta] <= 1 on every sale, and = 1 only untempered."""
    for probability in (0.001, 0.05, 0.3, 0.9):
        honest = probability / (1 - probability) * honest_factors()
        for ratio in ODDS_RATIOS:
            p, q = honest / (1 + honest), ratio * honest / (1 + ratio * honest)
            mean = p * (q / p) ** tempering + (1 - p) * ((1 - q) / (1 - p)) ** tempering
            if tempering == 1.0:
                assert mean == pytest.approx(1.0, abs=1e-13)
            else:
                assert (mean < 1.0).all()


@given(histories(largest=12), st.lists(st.integers(0, 16), min_size=12, max_size=12))
def test_every_outcome_has_its_own_exponent_and_without_one_it_is_not_there(
    history: list[Outcome], exponents: list[int]
) -> None:
    each, one_by_one = table_for(), table_for()
    found = each.observe(*columns(history), exponents=np.array(exponents[: len(history)], np.int64))
    for outcome, exponent, evidence_then in zip(history, exponents, found.tolist(), strict=False):
        if exponent:
            one_by_one.observe(*columns([outcome]), exponents=exponent)
        assert one_by_one.evidence()[outcome.row] == evidence_then
    for row in range(ROWS):
        assert each.row_state(row) == one_by_one.row_state(row)


def test_an_early_day_without_an_exponent_is_not_there() -> None:
    rows, days, expected = np.zeros(4, np.int64), np.arange(4), np.full(4, 0.3)
    ended, exponents = np.array([1, 5, 0, 2]), np.array([16, 0, 9, 0])
    tables = [EarlyEvidenceTable(Prior(0.25)) for _ in range(2)]
    for table in tables:
        table.add()
    found = tables[0].observe(rows, days, expected, ended, exponents=exponents)
    for day in (0, 2):
        tables[1].observe(
            rows[:1], days[[day]], expected[:1], ended[[day]], exponents=int(exponents[day])
        )
    assert tables[0].row_state(0) == tables[1].row_state(0)
    assert found[0] == found[1]
    assert found[2] == found[3] == tables[1].evidence()[0]


@pytest.mark.parametrize("wrong", [-1, 17, np.array([16, 3]), np.array([0.5])])
def test_an_exponent_that_is_none_is_refused(wrong: int | Integers) -> None:
    table = table_for(rows=1)
    before = table.row_state(0)
    with pytest.raises(ValueError, match="exponents"):
        table.observe(*columns([Outcome(0, 1, 0.1, bad=True)]), exponents=wrong)
    assert table.row_state(0) == before
    early = EarlyEvidenceTable(Prior(0.25))
    early.add()
    one = np.zeros(1, np.int64)
    with pytest.raises(ValueError, match="exponents"):
        early.observe(one, one, np.ones(1), one, exponents=wrong)
