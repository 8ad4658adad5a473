"""What was sold on a day: by agent, by all, and one against the others."""

from collections.abc import Sequence
from math import log, sqrt

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.profiles.counting import WidestCells, day_sales
from detectors.basis.identifiers import AgentId, Cell
from detectors.messages.outcomes import SaleMade
from detectors.messages.sold import DaySold, SoldTotals, merged_sold
from detectors.profiles.day_sales import Compared, DaySales, day_sold
from detectors.profiles.numbers import NUMBERS, amounts, own_volumes, volumes

SALES = st.lists(
    st.builds(
        SaleMade,
        st.sampled_from(("anna", "boris", "chen", "dora")),
        st.sampled_from(("card/shop", "card/web", "line/shop", "a\\/b/web")),
        st.integers(0, 9),
        st.just(0),
        st.integers(-1, 9_000),
    ),
    max_size=14,
)


def of(made: Sequence[SaleMade]) -> DaySales:
    return day_sales(made, WidestCells())


def kind(sale: SaleMade) -> Cell:
    return Cell(sale.cell.rpartition("/")[0])


def by_name(own: DaySales, compared: Compared) -> dict[str, float]:
    names = [own.agents[place] for place in compared.places.tolist()]
    return dict(zip(names, compared.values.tolist(), strict=True))


@given(SALES)
def test_all_sales_are_counted_once(made: list[SaleMade]) -> None:
    expected = {
        cell: SoldTotals(
            sum(kind(sale) == cell for sale in made),
            sum(max(0, sale.log_amount) for sale in made if kind(sale) == cell),
            sum(sale.log_amount >= 0 for sale in made if kind(sale) == cell),
        )
        for cell in sorted({kind(sale) for sale in made})
    }
    sellers = {sale.agent_id for sale in made}
    numbers = [sum(sale.agent_id == name for sale in made) for name in sellers]
    logarithms = sum(round(1_000 * log(number)) for number in numbers)
    assert day_sold(of(made)) == DaySold(len(sellers), logarithms, expected)


@given(SALES, st.data())
def test_neither_order_nor_partitions_change_anything(
    made: list[SaleMade], data: st.DataObject
) -> None:
    whole = of(made)
    assert of(data.draw(st.permutations(made))) == whole
    place = {name: data.draw(st.integers(0, 2)) for name in sorted(whole.agents)}
    parts = [of([sale for sale in made if place[sale.agent_id] == number]) for number in range(3)]
    sold = merged_sold([day_sold(part) for part in parts])
    assert sold == day_sold(whole)
    for number in NUMBERS.values():
        apart: dict[str, float] = {}
        for part in parts:
            apart |= by_name(part, number.compare(part, sold))
        assert apart == by_name(whole, number.compare(whole, sold))


@given(SALES)
def test_a_volume_is_compared_with_those_of_the_colleagues(made: list[SaleMade]) -> None:
    own = of(made)
    found = by_name(own, volumes(own, day_sold(own)))
    number = {name: sum(sale.agent_id == name for sale in made) for name in own.agents}
    if len(number) < 2:
        assert found == {}
        return
    for name, value in found.items():
        others = [log(other) for colleague, other in number.items() if colleague != name]
        expected = log(number[AgentId(name)]) - sum(others) / len(others)
        assert value == pytest.approx(expected, abs=0.001)
    assert found.keys() == number.keys()


@given(SALES)
def test_an_own_volume_is_compared_with_nobody(made: list[SaleMade]) -> None:
    own = of(made)
    found = by_name(own, own_volumes(own, DaySold()))
    assert found == {
        name: pytest.approx(log(sum(sale.agent_id == name for sale in made)), abs=0.001)
        for name in own.agents
    }


@given(SALES)
def test_an_amount_is_compared_with_what_others_took_for_the_like(made: list[SaleMade]) -> None:
    own = of(made)
    found = by_name(own, amounts(own, day_sold(own)))
    expected = {}
    for name in own.agents:
        excess = []
        for sale in made:
            like = [
                other.log_amount
                for other in made
                if other.agent_id != name and kind(other) == kind(sale) and other.log_amount >= 0
            ]
            if sale.agent_id == name and like and sale.log_amount >= 0:
                excess.append((sale.log_amount - sum(like) / len(like)) / 1_000.0)
        if excess:
            expected[name] = sum(excess) / len(excess)
    assert found == pytest.approx(expected, abs=1e-9)


def test_a_day_can_be_saved() -> None:
    own = of(
        [
            SaleMade(AgentId("anna"), Cell("card/web"), 1, 0, 500),
            SaleMade(AgentId("boris"), Cell("card/web"), 2, 0, 700),
        ]
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(own), type=DaySales) == own


def test_a_day_of_many_is_a_day_of_few() -> None:
    random = np.random.default_rng(1)
    agents = random.integers(0, 300, 5_000).tolist()
    prices = random.normal(5_000, 200, 5_000).astype(int).tolist()
    made = [
        SaleMade(AgentId(f"agent {agent}"), Cell(f"kind {agent % 3}/{price}"), 0, 0, price)
        for agent, price in zip(agents, prices, strict=True)
    ]
    own = of(made)
    values = amounts(own, day_sold(own)).values
    assert values.size == len(set(agents))
    assert abs(values.mean()) < 0.02
    assert values.std() == pytest.approx(0.2 / sqrt(5_000 / 300), rel=0.15)


@pytest.mark.parametrize("number", [999, 1_000, 40_000])
def test_any_number_of_sales_has_its_logarithm(number: int) -> None:
    own = DaySales([AgentId("anna")], [Cell("card")], [0], [0], [number], [0], [number])
    assert day_sold(own).log_sales == round(1_000 * log(number))
