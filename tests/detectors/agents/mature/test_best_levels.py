"""The e-value of good sales: a bet that honest agents win no more often than it says."""

from collections.abc import Callable
from math import exp, expm1, log, log1p
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.mature import best_levels
from detectors.agents.mature.best_levels import Tempered, e_values, rate_ratio, standing
from detectors.evidence.arrays import Reals
from tests.detectors.refutation import refuted

SD: Final = 0.25
SHARE: Final = 0.02
THRESHOLD: Final = 20.0

EValues = Callable[[Tempered, float, float], Reals]


def one(bad: float, expected: float, squares: float) -> Tempered:
    return Tempered(np.array([bad]), np.array([expected]), np.array([squares]))


def exact(outcomes: list[tuple[float, bool]], sd: float, share: float) -> float:
    """Return the ratio of the two mixtures by the whole likelihood, term by term."""
    levels = best_levels._levels(sd, share)  # noqa: SLF001 - the same levels
    likelihoods = [
        exp(sum(bad * level - log1p(p * expm1(level)) for p, bad in outcomes))
        for level in levels.levels.tolist()
    ]
    terms = [w * each for w, each in zip(levels.weights.tolist(), likelihoods, strict=True)]
    return float(sum(terms[: levels.best]) / sum(terms) / levels.share)


def law_of_the_bound(found: EValues, data: st.DataObject) -> None:
    """Find by sums no more than by each outcome, and nearly as much where bad ones are rare."""
    outcomes = data.draw(
        st.lists(st.tuples(st.floats(0.001, 0.6), st.booleans()), min_size=1, max_size=30)
    )
    sd, share = (
        data.draw(st.sampled_from((0.25, 0.5, 1.0))),
        data.draw(st.sampled_from((0.02, 0.2))),
    )
    sums = one(
        sum(bad for _, bad in outcomes),
        sum(p for p, _ in outcomes),
        sum(p * p for p, _ in outcomes),
    )
    (value,) = found(sums, sd, share).tolist()
    truth = exact(outcomes, sd, share)
    assert value <= truth * (1.0 + 1e-9)
    if all(p < 0.05 for p, _ in outcomes):
        assert value >= truth * 0.99


def without_squares(outcomes: Tempered, sd: float, share: float) -> Reals:
    """Take the number of bad outcomes for a Poisson count, as the early tier does."""
    return e_values(outcomes._replace(squares=np.zeros(1)), sd, share)


def with_more(outcomes: Tempered, sd: float, share: float) -> Reals:
    """Square what is expected, not each probability."""
    return e_values(outcomes._replace(squares=outcomes.expected**2), sd, share)


@given(data=st.data())
def test_the_bet_is_never_more_than_the_likelihood_gives(data: st.DataObject) -> None:
    law_of_the_bound(e_values, data)


@pytest.mark.parametrize("broken", [without_squares, with_more])
def test_the_law_of_the_bound_bites(broken: EValues) -> None:
    assert refuted(law_of_the_bound, broken)


def ever(levels: Reals, found: EValues = e_values, *, sales: int = 10) -> float:
    """Return the share of agents ever commended in a year, by one pattern.

    They make so many sales, of four products, in the five days between two looks.
    """
    random = np.random.default_rng(3)
    odds = np.exp(levels)
    sums = Tempered(*np.zeros((3, levels.size)))
    commended = np.zeros(levels.size, np.bool_)
    for _ in range(73):
        p = random.choice([0.02, 0.05, 0.08, 0.2], (sales, levels.size))
        bad = random.random(p.shape) < p * odds / (1.0 + p * (odds - 1.0))
        sums = Tempered(
            *(old + new.sum(axis=0) for old, new in zip(sums, (bad, p, p * p), strict=True))
        )
        commended |= found(sums, SD, SHARE) >= THRESHOLD
    return float(commended.mean())


def honest(sd: float = SD, agents: int = 2_000) -> Reals:
    return np.random.default_rng(1).normal(0.0, sd, agents)


def of_all_alike(outcomes: Tempered, _: float, __: float) -> Reals:
    """Bet half the odds against those of peers, as if honest agents did not differ."""
    x = 0.5
    logs = outcomes.bad * log(x) + (1.0 - x) * outcomes.expected
    return np.exp(logs + 0.5 * (1.0 - x) ** 2 * outcomes.squares)


def test_of_honest_agents_no_more_are_commended_than_the_budget_says() -> None:
    assert ever(honest()) <= 1.0 / THRESHOLD
    assert ever(honest(sd=0.0)) <= 0.002


def test_without_shrinkage_more_are() -> None:
    assert ever(honest(), of_all_alike) > 2.0 / THRESHOLD


def test_whoever_has_half_the_odds_is_found_within_the_year_in_most_cases() -> None:
    assert ever(np.full(300, log(0.5)), sales=25) > 0.7
    assert ever(np.full(400, log(0.5)), lambda *_: np.ones(400)) == 0.0


def test_without_outcomes_nothing_is_known() -> None:
    assert e_values(one(0, 0, 0), SD, SHARE).tolist() == pytest.approx([1.0])


@given(st.integers(0, 200), st.floats(1.0, 300.0))
def test_one_is_told_what_many_are(bad: int, expected: float) -> None:
    many = Tempered(np.full(3, float(bad)), np.full(3, expected), np.full(3, expected / 20))
    alone = standing(one(bad, expected, expected / 20), SD, SHARE)
    assert alone.e_value == pytest.approx(e_values(many, SD, SHARE)[1], rel=1e-9)
    ratio = alone.odds_ratio
    assert ratio.lower < ratio.estimate < ratio.upper
    assert min(1.0, bad / expected) - 0.06 < ratio.estimate or bad > expected


def test_odds_become_rates() -> None:
    assert rate_ratio(1.0, 0.3) == 1.0
    odds, rate = 0.5, 0.2
    own = odds * rate / (1 - rate)
    assert rate_ratio(odds, rate) * rate == pytest.approx(own / (1 + own))
