"""A day of the early tier: what counts of an agent's bad ends, and how much."""

import numpy as np
import pytest

from detectors.agents.early.agent_days import Groups, agent_days

BURST = 3


def groups_of(*groups: tuple[int, int, int, float, float]) -> Groups:
    """Return groups of an agent, sales at risk, bad ends, probability and inflation."""
    rows, at_risk, ended, probabilities, inflations = zip(*groups, strict=True)
    return Groups(
        np.array(rows), np.array(at_risk), np.array(ended), np.array(probabilities),
        np.array(inflations),
    )  # fmt: skip


def test_it_is_the_sum_of_an_agents_groups() -> None:
    groups = groups_of((2, 10, 1, 0.1, 1.0), (0, 4, 0, 0.5, 1.0), (2, 20, 1, 0.05, 1.0))
    days = agent_days(groups, agents=4, tempering=0.875, burst=BURST)
    assert days.rows.tolist() == [0, 2]
    assert days.expected.tolist() == pytest.approx([2.0, 2.0])
    assert days.ended.tolist() == [0, 2]
    assert days.exponents.tolist() == [14, 14]
    assert days.counted.tolist() == [1, 0, 1]


def test_of_a_burst_no_more_count_than_make_one_but_a_tenth_of_the_sales_may() -> None:
    groups = groups_of((0, 5, 2, 0.1, 1.0), (0, 5, 4, 0.1, 1.0), (1, 81, 30, 0.1, 1.0))
    days = agent_days(groups, agents=2, tempering=1.0, burst=BURST)
    assert days.ended.tolist() == [3, 9]
    assert days.counted.tolist() == [2, 1, 9]


def test_the_exponent_is_the_mean_of_those_of_what_was_expected() -> None:
    groups = groups_of((0, 10, 0, 0.3, 1.0), (0, 10, 0, 0.1, 4.0), (1, 1, 1, 0.2, 40.0))
    days = agent_days(groups, agents=2, tempering=1.0, burst=BURST)
    assert days.exponents.tolist() == [round(16 * (0.75 + 0.25 / 4)), 0]
