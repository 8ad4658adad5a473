import numpy as np
import pytest
from msgspec import structs

from bench.yardstick.sales import DAY, WINDOW_DAYS, Sales, draw
from bench.yardstick.worlds import (
    PRODUCT_RATES,
    PRODUCT_SHARES,
    SALES_A_DAY,
    WORLDS,
    Bad,
    World,
    smaller,
)

HONEST = World(title="honest", agents=3_000, days=60)


@pytest.fixture(scope="module")
def honest() -> Sales:
    return draw(HONEST, 1)


def rate(sales: Sales, which: np.typing.NDArray[np.bool_]) -> float:
    return float(sales.bad[which].mean())


def test_five_in_a_hundred_sales_go_bad_and_products_differ_as_they_should(honest: Sales) -> None:
    spread = 1 + HONEST.sd**2 / 2  # a mean over e^u
    assert honest.bad.mean() == pytest.approx(0.049 * spread, rel=0.03)
    for product, (share, expected) in enumerate(zip(PRODUCT_SHARES, PRODUCT_RATES, strict=True)):
        assert (honest.product == product).mean() == pytest.approx(share, rel=0.03)
        assert rate(honest, honest.product == product) == pytest.approx(expected * spread, rel=0.05)


def test_everybody_sells_three_times_a_day_in_the_order_of_time(honest: Sales) -> None:
    assert honest.count == HONEST.agents * HONEST.days * SALES_A_DAY
    assert (np.diff(honest.at) >= 0).all()
    own = honest.agent == 7
    assert honest.number[own].tolist() == list(range(HONEST.days * SALES_A_DAY))
    assert np.bincount(honest.at[own] // DAY).tolist() == [SALES_A_DAY] * HONEST.days


def test_cancellations_come_within_the_window_and_early_ones_most_often(honest: Sales) -> None:
    age = (honest.cancelled_at - honest.at)[honest.bad] / DAY
    assert age.min() > 0
    assert age.max() <= WINDOW_DAYS
    assert (age < 2).mean() == pytest.approx(0.30, abs=0.02)
    assert not honest.cancelled_at[~honest.bad].any()


@pytest.mark.parametrize("tails", ["normal", "laplace", "student"])
@pytest.mark.parametrize("sd", [0.25, 0.5])
def test_honest_agents_differ_by_the_standard_deviation(tails: str, sd: float) -> None:
    world = structs.replace(HONEST, agents=200_000, days=0, tails=tails, sd=sd)
    level = draw(world, 2).agents.level
    assert level.std() == pytest.approx(sd, rel=0.15)  # of t with 3 degrees it is slow to settle
    middle = {"normal": 0.674, "laplace": 0.490, "student": 0.442}[tails]
    assert np.quantile(np.abs(level), 0.5) == pytest.approx(middle * sd, rel=0.02)


def test_bad_agents_reach_the_rate_they_are_named_after_and_not_before_their_change() -> None:
    world = World(title="bad", agents=900, days=330, bad=Bad(300, 300, 300), sd=0.0)
    sales = draw(world, 3)
    changes = sales.agents.change
    assert changes.min() >= 90
    assert changes.max() <= 820
    assert rate(sales, ~sales.changed) == pytest.approx(0.049, rel=0.03)
    for percent, realised in ((15, 0.14), (25, 0.23), (40, 0.37)):
        mine = sales.changed & (sales.agents.percent[sales.agent] == percent)
        assert rate(sales, mine) == pytest.approx(realised, abs=0.015)


def test_a_storm_doubles_all_odds_for_thirty_days() -> None:
    sales = draw(World(title="storm", agents=1_000, days=200, storm=2.0), 4)
    day = sales.at // DAY
    stormy = (day >= 150) & (day < 180)
    assert rate(sales, stormy) / rate(sales, ~stormy) == pytest.approx(1.9, abs=0.1)


def test_a_season_goes_up_and_down() -> None:
    sales = draw(World(title="season", agents=1_000, season=0.2), 5)
    half = sales.at // DAY < 182
    assert rate(sales, half) / rate(sales, ~half) == pytest.approx(1.27, abs=0.05)


@pytest.mark.parametrize("batches", ["identical", "separate"])
def test_batches_keep_the_number_of_sales_and_share_their_fate(batches: str) -> None:
    world = structs.replace(HONEST, agents=1_000, batches=batches, sd=0.0)
    sales = draw(world, 6)
    assert sales.count / (world.agents * world.days) == pytest.approx(SALES_A_DAY, rel=0.02)
    order = np.lexsort((sales.at, sales.agent))
    batch = sales.bad[order].reshape(-1, 5)
    p = batch.mean()
    assert batch.sum(axis=1).var() > 1.15 * 5 * p * (1 - p)
    customers = np.unique(sales.customer).size
    assert customers == (sales.count // 5 if batches == "identical" else sales.count)


def test_bad_agents_of_a_team_change_together() -> None:
    agents = draw(structs.replace(WORLDS["teams"], days=0), 7).agents
    assert set(np.bincount(agents.team).tolist()) == {5}
    bad = agents.percent > 0
    assert set(np.bincount(agents.team[bad]).tolist()) == {3}
    for team in range(20):
        assert np.unique(agents.change[bad & (agents.team == team)]).size == 1


def test_the_same_seed_gives_the_same_sales() -> None:
    world = smaller(WORLDS["corrupt"], 40)
    one, same, other = draw(world, [8, 0]), draw(world, [8, 0]), draw(world, [8, 1])
    assert (one.at == same.at).all()
    assert (one.bad == same.bad).all()
    assert (one.at != other.at).any()
