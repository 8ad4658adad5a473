"""What the simulation promises about honest and planted agents is what a reader measures."""

from collections import defaultdict
from datetime import datetime, timedelta
from math import sqrt
from typing import NamedTuple

import numpy as np
import pytest

from streams.simulation.catalogue import PRODUCTS
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import PlantedAgent, Truth, truth
from tests.streams.simulation.judging import JudgedSale, Rates, judge, read

SETTINGS = SimulationSettings(agents=200, days=365, seed=3, planted_share=0.10)


class Simulated(NamedTuple):
    sales: list[JudgedSale]
    truth: Truth
    ends_at: datetime

    def rates(self, sales: list[JudgedSale]) -> Rates:
        rates = Rates()
        for sale in sales:
            rates.add(sale, self.ends_at)
        return rates

    def honest_sales(self) -> list[JudgedSale]:
        planted = {one.agent_id for one in self.truth.planted}
        return [one for one in self.sales if one.agent_id not in planted]

    def sales_of(self, planted: PlantedAgent, *, after: bool) -> list[JudgedSale]:
        changes_at = datetime.fromisoformat(planted.since)
        return [
            one
            for one in self.sales
            if one.agent_id == planted.agent_id and (one.sold_at >= changes_at) == after
        ]


@pytest.fixture(scope="module")
def simulated() -> Simulated:
    tally = EventCounts()
    sales = judge(read(simulate(SETTINGS, tally)))
    ends_at = SETTINGS.begins_at + timedelta(days=SETTINGS.days)
    return Simulated(sales, truth(SETTINGS, tally), ends_at)


def test_honest_rates_are_those_of_the_catalogue(simulated: Simulated) -> None:
    by_product: dict[str, list[JudgedSale]] = defaultdict(list)
    for sale in simulated.honest_sales():
        by_product[sale.product].append(sale)
    for product in PRODUCTS:
        rates = simulated.rates(by_product[product.name])
        assert rates.quick.value == pytest.approx(product.quick_cancellation, rel=0.2)
        assert rates.unused.value == pytest.approx(product.unused, rel=0.2)


def test_most_quick_cancellations_come_in_the_first_days(simulated: Simulated) -> None:
    quick = [one for one in simulated.sales if one.quickly_cancelled]
    early = [
        one
        for one in quick
        if one.cancelled_at is not None and one.cancelled_at < one.sold_at + timedelta(days=4)
    ]
    assert 0.6 < len(early) / len(quick) < 0.95
    before_any_use = sum(one.first_use is None for one in quick)
    assert 0.3 < before_any_use / len(quick) < 0.8


def test_honest_agents_differ_as_much_as_asked(simulated: Simulated) -> None:
    def dispersion(pattern: str, sales: list[JudgedSale]) -> float:
        by_agent: dict[str, list[JudgedSale]] = defaultdict(list)
        for sale in sales:
            if sale.agent_id is not None and sale.product == "mobile_line":
                by_agent[sale.agent_id].append(sale)
        rates = [simulated.rates(own) for own in by_agent.values()]
        shares = [one.quick if pattern == "quick" else one.unused for one in rates]
        shares = [one for one in shares if one.number >= 50]
        mean = sum(one.bad for one in shares) / sum(one.number for one in shares)
        scores = [
            (one.bad - one.number * mean) / sqrt(one.number * mean * (1 - mean)) for one in shares
        ]
        return float(np.var(scores))

    # Expected 1 + n p (1 - p) sd^2, about 1.4 here for n of about 130 and p of about 4 %.
    assert 1.05 < dispersion("quick", simulated.honest_sales()) < 2.2
    assert 1.05 < dispersion("unused", simulated.honest_sales()) < 2.2


def test_agents_come_and_go_and_differ_in_volume(simulated: Simulated) -> None:
    per_agent: dict[str, list[datetime]] = defaultdict(list)
    for sale in simulated.sales:
        if sale.agent_id is not None:
            per_agent[sale.agent_id].append(sale.sold_at)
    late_starters = [
        one for one in per_agent.values() if one[0] > SETTINGS.begins_at + timedelta(days=40)
    ]
    early_leavers = [
        one for one in per_agent.values() if one[-1] < simulated.ends_at - timedelta(days=40)
    ]
    assert 10 < len(late_starters) < 50
    assert 8 < len(early_leavers) < 45
    numbers = sorted(map(len, per_agent.values()))
    assert numbers[len(numbers) * 9 // 10] > 1.5 * numbers[len(numbers) // 5]


def test_truth_counts_are_those_of_a_reader(simulated: Simulated) -> None:
    assert simulated.truth.events["sale"] == len(simulated.sales)
    assert simulated.truth.events["cancellation"] == sum(
        one.cancelled_at is not None for one in simulated.sales
    )
    for planted in simulated.truth.planted:
        assert planted.sales_before == len(simulated.sales_of(planted, after=False))
        assert planted.sales_after == len(simulated.sales_of(planted, after=True))


def test_planted_rates_are_realised(simulated: Simulated) -> None:
    for pattern, rate in (
        ("quick_cancellation", 0.15),
        ("quick_cancellation", 0.25),
        ("quick_cancellation", 0.40),
        ("unused_account", None),
    ):
        chosen = [
            one
            for one in simulated.truth.planted
            if one.pattern == pattern and rate in {None, one.rate}
        ]
        assert chosen
        sales = [sale for one in chosen for sale in simulated.sales_of(one, after=True)]
        found = simulated.rates(sales)
        if pattern == "quick_cancellation":
            # `rate` is that of a 5 % sale; over the product mix the mean is a little lower.
            expected = float(np.mean([one.rate for one in chosen]))
            assert found.quick.value == pytest.approx(expected, rel=0.25)
            assert found.unused.value < 0.10
        else:
            expected = float(np.mean([one.rate for one in chosen]))
            assert found.unused.value == pytest.approx(expected, rel=0.12)
            assert found.quick.value < 0.10


def test_planted_agents_are_honest_before_the_change(simulated: Simulated) -> None:
    before = [
        sale for one in simulated.truth.planted for sale in simulated.sales_of(one, after=False)
    ]
    rates = simulated.rates(before)
    assert rates.quick.value < 0.08
    assert rates.unused.value < 0.08


def test_some_planted_unused_accounts_show_the_agents_own_activity() -> None:
    settings = SimulationSettings(agents=50, days=120, seed=4, planted_share=0.2)
    fakers = {
        event["agent_id"]
        for event in read(simulate(settings))
        if event.get("initiated_by") == "agent" and event.get("kind") in {"login", "usage"}
    }
    planted = truth(settings, EventCounts()).planted
    assert fakers == {one.agent_id for one in planted if one.pattern == "unused_account"}
