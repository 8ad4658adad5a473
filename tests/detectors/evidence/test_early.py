"""The early tier: the definition, its mean for honest agents, and the laws of a table."""

from itertools import pairwise, product
from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.evidence.arrays import Reals
from detectors.evidence.early import EarlyEvidenceTable
from detectors.evidence.explanation import Counts
from detectors.evidence.held_rows import FINITE_EVIDENCE, LARGEST_EVIDENCE
from detectors.evidence.prior import ODDS_RATIOS, Prior, honest_factors
from tests.detectors.evidence.definition import EarlyDay, evidence, terms


def early_table(
    rows: int = 1, sd: float = 0.25, most: float = FINITE_EVIDENCE
) -> EarlyEvidenceTable:
    table = EarlyEvidenceTable(Prior(sd), largest_evidence=most)
    for _ in range(rows):
        table.add()
    return table


def feed(table: EarlyEvidenceTable, history: list[EarlyDay], tempering: float = 1.0) -> Reals:
    return table.observe(
        np.array([day.row for day in history], np.int64),
        np.array([day.day for day in history], np.int64),
        np.array([day.expected for day in history], np.float64),
        np.array([day.ended for day in history], np.int64),
        exponents=round(16 * tempering),
    )


@st.composite
def early_histories(draw: st.DrawFn, rows: int = 2, largest: int = 16) -> list[EarlyDay]:
    pieces = draw(
        st.lists(
            st.tuples(
                st.integers(0, rows - 1),
                st.integers(0, 2),
                st.floats(1e-4, 3.0),
                st.integers(0, 6),
            ),
            max_size=largest,
        )
    )
    day, history = draw(st.integers(-10, 20_000)), []
    for row, step, expected, ended in pieces:
        day += step
        history.append(EarlyDay(row, day, expected, ended))
    return history


def drawn(seed: int, days: int, lift: float) -> list[EarlyDay]:
    random = np.random.default_rng(seed)
    expected = random.uniform(0.05, 0.6, days)
    ended = random.poisson(lift * expected)
    return [
        EarlyDay(0, day, float(mean), int(count))
        for day, (mean, count) in enumerate(zip(expected, ended, strict=True))
    ]


@settings(max_examples=40, deadline=None)
@given(early_histories(), st.sampled_from([0.25, 0.6]), st.sampled_from([1.0, 0.875, 0.5]))
def test_early_evidence_is_the_definition(
    history: list[EarlyDay], sd: float, tempering: float
) -> None:
    table = early_table(2, sd)
    feed(table, history, tempering)
    for row in range(2):
        own = [day for day in history if day.row == row]
        expected = evidence(own, sd, tempering=tempering) if own else 0.0
        assert float(table.evidence()[row]) == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("lift", [0.5, 1.0, 3.0])
def test_evidence_of_a_long_history_is_the_definition(lift: float) -> None:
    history = drawn(1, 60, lift)
    table = early_table()
    found = feed(table, history)
    assert float(found[-1]) == pytest.approx(evidence(history, 0.25), rel=1e-10)
    every = terms(history, 0.25)
    start = table.explanation(0).start
    assert start is not None
    assert start.day == max(every, key=lambda term: term.value).start
    since = history[start.day :]
    assert start.since.outcomes == len(since)
    assert start.since.observed == sum(day.ended for day in since)
    assert start.since.expected == pytest.approx(sum(day.expected for day in since))


SMALL_DAYS = ((2, 0.1), (3, 0.05), (1, 0.4), (2, 0.2), (4, 0.02))
"""Sales at risk, and the probability among peers that one ends that day."""


def small_worlds() -> tuple[list[tuple[int, ...]], Reals]:
    """Return every count of the small days, and its probability for each honest level."""
    worlds = list(product(*(range(at_risk + 1) for at_risk, _ in SMALL_DAYS)))
    levels = honest_factors()
    chances = np.ones((len(worlds), levels.size))
    for position, (at_risk, probability) in enumerate(SMALL_DAYS):
        hazard = np.minimum(levels * probability, 1.0)
        for number, world in enumerate(worlds):
            ended = world[position]
            chances[number] *= (
                comb(at_risk, ended) * hazard**ended * (1 - hazard) ** (at_risk - ended)
            )
    return worlds, chances


@pytest.mark.parametrize("sd", [0.25, 0.6])
def test_honest_evidence_minus_agent_days_never_rises_on_average(sd: float) -> None:
    """Not simulated: every history of sales that end or not, weighed by its probability."""
    worlds, chances = small_worlds()
    weights = chances @ Prior(sd).weights()
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    table = early_table(len(worlds), sd)
    before = 0.0
    for position, (at_risk, probability) in enumerate(SMALL_DAYS):
        feed(
            table,
            [
                EarlyDay(row, position, at_risk * probability, world[position])
                for row, world in enumerate(worlds)
            ],
        )
        mean = float(weights @ table.evidence())
        assert mean - before <= 1.0 + 1e-12
        before = mean


@pytest.mark.parametrize("tempering", [1.0, 0.875, 0.5, 0.25])
@pytest.mark.parametrize("ratio", ODDS_RATIOS)
def test_a_bet_against_a_known_honest_agent_never_gains(ratio: float, tempering: float) -> None:
    for at_risk, probability in SMALL_DAYS:
        for level in honest_factors():
            hazard = min(level * probability, 1.0)
            rate = level * probability * at_risk
            mean = sum(
                comb(at_risk, ended)
                * hazard**ended
                * (1 - hazard) ** (at_risk - ended)
                * (ratio**ended * np.exp(-(ratio - 1) * rate)) ** tempering
                for ended in range(at_risk + 1)
            )
            assert mean <= 1.0 + 1e-12


@settings(deadline=None)
@given(early_histories(largest=30), st.lists(st.integers(0, 30), max_size=6))
def test_cuts_into_calls_change_no_bit(history: list[EarlyDay], cuts: list[int]) -> None:
    whole, pieces = early_table(2), early_table(2)
    at_once = feed(whole, history)
    edges = [0, *sorted(cuts), len(history)]
    in_pieces = [feed(pieces, history[start:stop]) for start, stop in pairwise(edges)]
    assert np.concatenate(in_pieces)[: len(history)].tobytes() == at_once.tobytes()
    assert [pieces.row_state(row) for row in range(2)] == [whole.row_state(row) for row in range(2)]


def test_a_saved_row_goes_on_and_a_restart_keeps_what_was_learnt() -> None:
    history = drawn(2, 40, 2.0)
    unbroken, loaded = early_table(), early_table()
    feed(unbroken, history[:20])
    unbroken.restart(0)
    unbroken.reweight(0.4)
    loaded.reweight(0.4)
    loaded.load_row(0, unbroken.row_state(0))
    assert unbroken.evidence()[0] == 0.0
    assert unbroken.totals(0).outcomes == 20
    assert feed(loaded, history[20:]).tobytes() == feed(unbroken, history[20:]).tobytes()
    assert loaded.agent_days().tolist() == [20]


def test_a_flagrant_agent_is_seen_within_days_and_evidence_is_held() -> None:
    table = early_table(most=LARGEST_EVIDENCE)
    honest = [EarlyDay(0, day, 0.15, int(day % 7 == 3)) for day in range(60)]
    flagrant = [EarlyDay(0, day, 0.15, 1 + day % 2) for day in range(60, 80)]
    assert feed(table, honest).max() < 1_000
    assert feed(table, flagrant)[8] > 36_500
    start = table.explanation(0).start
    assert start is not None
    assert 59 <= start.day <= 61
    assert (
        feed(table, [EarlyDay(0, 100 + day, 0.15, 9) for day in range(50)])[-1] == LARGEST_EVIDENCE
    )


def test_a_day_that_beggars_belief_stays_finite() -> None:
    table = early_table()
    quiet = [EarlyDay(0, day - 300, 1_000.0, 0) for day in range(200)]
    assert np.isfinite(feed(table, quiet)).all()
    assert table.belief(0).min() < 1e-240
    extremes = [(1e-9, 1_000), (1e6, 0), (1e-9, 1_000), (1e4, 50_000), (0.0, 0)] * 3
    history = [EarlyDay(0, day, mean, count) for day, (mean, count) in enumerate(extremes)]
    assert np.isfinite(feed(table, history)).all()
    assert table.belief(0).sum() == pytest.approx(1.0, abs=1e-12)


def test_a_day_without_risk_is_a_start_and_says_nothing() -> None:
    table = early_table()
    assert feed(table, [EarlyDay(0, 1, 0.0, 0)]).tolist() == pytest.approx([1.0])
    assert table.totals(0) == Counts(outcomes=1, observed=0, expected=0.0)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (EarlyDay(0, 0, -0.1, 0), "expected"),
        (EarlyDay(0, 0, float("nan"), 0), "expected"),
        (EarlyDay(0, 0, float("inf"), 0), "expected"),
        (EarlyDay(0, 0, 0.0, 1), "expected"),
        (EarlyDay(0, 0, 0.1, -1), "ended"),
        (EarlyDay(1, 0, 0.1, 0), "rows"),
    ],
)
def test_impossible_days_are_refused(day: EarlyDay, name: str) -> None:
    table = early_table()
    before = table.row_state(0)
    with pytest.raises(ValueError, match=name):
        feed(table, [day])
    assert table.row_state(0) == before
