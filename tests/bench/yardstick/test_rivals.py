from math import log

import numpy as np
import pytest

from bench.yardstick import charts, contest, river_rivals
from bench.yardstick.bounds import lorden
from bench.yardstick.charts import NEVER
from bench.yardstick.trials import Trials, joined
from bench.yardstick.worlds import odds_ratio


def history(bad: list[int], change: int, expected: float = 0.05, percent: int = 25) -> Trials:
    """Return the trials of one agent who changes with a trial of that number."""
    count = len(bad)
    return Trials(
        percent=np.array([percent]),
        starts=np.array([0, count]),
        expected=np.full(count, expected),
        evidence=10.0 ** np.cumsum(bad),
        odds=np.full(count, expected / (1 - expected)),
        changed=np.arange(count) >= change,
        bad=np.array(bad, np.bool_),
    )


def many(agents: int, sales: int, rate: float, seed: int) -> Trials:
    random = np.random.default_rng(seed)
    honest = rate == 0.05
    return joined(
        [
            history(
                (random.random(sales) < rate).astype(int).tolist(),
                sales if honest else 0,
                percent=0 if honest else 25,
            )
            for _ in range(agents)
        ]
    )


def test_a_cusum_adds_up_log_likelihood_ratios_and_begins_anew_after_an_alarm() -> None:
    ratio = odds_ratio(25)
    step = log(0.25 / 0.05)
    one_short = charts.oracle_cusum(history([1, 1, 1, 1, 1], 3), 25, 2 * step + 0.01)
    assert one_short.before.tolist() == [1]
    assert one_short.delay.tolist() == [NEVER]
    twice = charts.oracle_cusum(history([1, 1, 0, 1, 1], 3), 25, 2 * step - 0.01)
    assert (twice.before.tolist(), twice.delay.tolist()) == ([1], [2])
    same = charts.odds_cusum(history([1, 1, 0, 1, 1], 3), ratio, 2 * step - 0.01)
    assert same.delay.tolist() == [2]
    good = -log(0.95 / 0.75)
    low = charts.oracle_cusum(history([1, 0, 0, 1], 0), 25, 2 * step + 2 * good - 0.01)
    assert low.delay.tolist() == [4]


def test_the_evidence_of_the_product_is_looked_at_after_every_sale() -> None:
    found = charts.evidence_above(history([0, 1, 1, 0, 1], 1), 2.0)
    assert (found.before.tolist(), found.delay.tolist()) == ([0], [2])
    once = charts.evidence_above(history([1, 1, 1], 3), 1.0)
    assert (once.before.tolist(), once.delay.tolist()) == ([1], [NEVER])


def test_the_oracle_has_the_run_lengths_of_its_theory() -> None:
    threshold = 3.0
    steps = (log(0.25 / 0.05), log(0.75 / 0.95))
    alarms = charts.oracle_cusum(many(200, 4_000, 0.05, 1), 25, threshold).before.sum()
    in_control = run_length(0.05, steps, threshold)
    assert 200 * 4_000 / alarms == pytest.approx(in_control, rel=0.05)
    delay = charts.oracle_cusum(many(4_000, 400, 0.25, 2), 25, threshold).delay
    assert delay.min() > 0
    assert delay.mean() == pytest.approx(run_length(0.25, steps, threshold), rel=0.05)


def run_length(rate: float, steps: tuple[float, float], threshold: float) -> float:
    """Solve for the mean run length from 0 on a fine grid (Brook and Evans 1972)."""
    points = 3_000
    grid = np.arange(points) * threshold / points
    system = np.eye(points)
    for chance, step in ((rate, steps[0]), (1 - rate, steps[1])):
        to = np.rint(np.maximum(0.0, grid + step) / threshold * points).astype(int)
        inside = to < points
        np.add.at(system, (np.flatnonzero(inside), to[inside]), -chance)
    return float(np.linalg.solve(system, np.ones(points))[0])


def test_lorden_says_what_the_notes_say() -> None:
    assert [lorden(percent) for percent in (15, 25, 40)] == pytest.approx([178, 57, 23], rel=0.05)


def test_a_rolling_rate_needs_its_whole_window_and_then_a_new_one() -> None:
    bad = [0] * 85 + [1] * 10 + [0] * 200
    alarms = charts.rolling_rate(history(bad, 92), 9.5 / 90)
    assert alarms.delay.tolist() == [3]
    early = charts.rolling_rate(history([1] * 89, 0), 0.1)
    assert early.delay.tolist() == [NEVER]
    again = charts.rolling_rate(history([1] * 200, 200), 0.1)
    assert again.before.tolist() == [2]
    agents = many(200, 1_000, 0.05, 3)
    mean, sd = charts.rolling_mean_and_sd(agents)
    assert mean == pytest.approx(agents.bad.mean(), rel=0.02)
    assert sd == pytest.approx((0.05 * 0.95 / 90) ** 0.5, rel=0.05)


@pytest.mark.parametrize(
    ("rival", "threshold"),
    [(river_rivals.adwin, 2.0), (river_rivals.page_hinkley, 10.0)],
)
def test_a_detector_of_river_sees_a_rise_and_begins_anew(
    rival: charts.Rival, threshold: float
) -> None:
    bad = [0] * 200 + [1] * 60
    found = rival(history(bad, 200), threshold)
    assert found.before.tolist() == [0]
    assert 0 < found.delay[0] < 40
    assert rival(history(bad, 260), threshold).before[0] >= 1
    assert rival(history(bad[::-1], 60), threshold).delay.tolist() == [NEVER]


def test_half_space_trees_see_a_rise() -> None:
    honest = many(60, 400, 0.05, 4)
    trees = river_rivals.Trees(honest)
    calm = trees.scores(honest)
    threshold = float(np.quantile(np.concatenate(calm), 0.999))
    bad = history([0] * 100 + [1] * 60, 100)
    assert 0 < river_rivals.above(bad, trees.scores(bad), threshold).delay[0] < 40
    assert river_rivals.above(honest, calm, threshold).before.sum() > 0


def test_a_tuned_rival_keeps_the_budget_and_no_more() -> None:
    honest, bad = many(1_000, 1_095, 0.05, 5), many(200, 300, 0.25, 6)
    entries = contest.own_charts(honest, bad)
    tuned = [entry for entry in entries if entry.tuned]
    assert [entry.name.split()[0] for entry in tuned] == ["**the", "oracle", "CUSUM,", "mean"]
    for entry in tuned[1:]:
        assert 2 <= entry.false_alarms <= 10
    oracle, textbook, _ = (np.mean(entry.delays[25]) for entry in tuned[1:])
    assert oracle <= textbook


def test_some_agents_of_several_runs_keep_their_own_trials() -> None:
    both = joined([history([0, 1, 1], 1), history([1, 0], 0), history([0], 0)])
    assert both.starts.tolist() == [0, 3, 5, 6]
    some = both.only(np.array([2, 0]))
    assert some.starts.tolist() == [0, 1, 4]
    assert some.bad.tolist() == [False, False, True, True]
