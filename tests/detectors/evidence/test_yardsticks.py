"""The promises of `docs/statistics.md`, section 11, in small; the benchmark repeats them large."""

import numpy as np
import pytest

from tests.detectors.evidence.sales_force import (
    FROM_5_TO_25,
    FROM_5_TO_40,
    Levels,
    delays,
    discoveries_of_a_year,
    false_alarms_per_1000_agent_years,
    laplace,
    student_t3,
)

THRESHOLD = 36_500.0
SD = 0.25


def test_honest_agents_raise_no_more_alarms_than_the_budget() -> None:
    random = np.random.default_rng(20_240_601)
    assert 0 < false_alarms_per_1000_agent_years(4_000, THRESHOLD, SD, random) <= 10


@pytest.mark.parametrize("levels", [laplace(SD), student_t3(SD)], ids=["Laplace", "t3"])
def test_heavy_tails_of_honest_agents_cost_few_false_alarms(levels: Levels) -> None:
    random = np.random.default_rng(20_240_604)
    assert 0 < false_alarms_per_1000_agent_years(4_000, THRESHOLD, SD, random, levels) <= 15


def test_an_agent_bad_from_the_first_sale_is_found_too() -> None:
    random = np.random.default_rng(20_240_605)
    found = delays(600, THRESHOLD, SD, FROM_5_TO_25, random, from_the_first_sale=True)
    assert np.median(found) <= 80


@pytest.mark.parametrize(
    ("odds_ratio", "mean", "slack"), [(FROM_5_TO_25, 56, 8), (FROM_5_TO_40, 24, 4)]
)
def test_bad_agents_are_found_in_time(odds_ratio: float, mean: float, slack: float) -> None:
    random = np.random.default_rng(20_240_602)
    assert delays(1_200, THRESHOLD, SD, odds_ratio, random).mean() == pytest.approx(mean, abs=slack)


def test_discoveries_among_many_are_nearly_all_true_and_most_of_the_bad_ones() -> None:
    random = np.random.default_rng(20_240_603)
    _, _, false, true = discoveries_of_a_year(2_000, 20, SD, [FROM_5_TO_25], random)
    assert false <= 1
    assert true >= 17
