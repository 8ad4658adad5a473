"""Laws of the expectation, through the peers stage and the own totals of several partitions."""

from collections.abc import Callable
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.totals.own_totals import OwnTotals
from detectors.agents.totals.slots import SlotIndex
from detectors.basis.identifiers import Cell
from tests.detectors.peers import broken
from tests.detectors.peers.market import (
    NOBODY,
    SETTINGS,
    Absence,
    Market,
    Sale,
    expectation,
)
from tests.detectors.refutation import refuted

CELLS = ("card/phone", "card/web", "line/phone", "line")
SALES = st.lists(
    st.builds(
        Sale, st.integers(0, 4), st.sampled_from(CELLS), st.integers(0, 1), matured=st.just(1)
    ),
    max_size=8,
)
WEEKS = st.lists(SALES, min_size=1, max_size=6)
ABSENCES = st.just(NOBODY) | st.tuples(st.integers(0, 3), st.integers(0, 3)).map(
    lambda days: Absence(0, days[0], sum(days))
)
Own = Callable[[], OwnTotals]


def own_totals() -> OwnTotals:
    return OwnTotals(SETTINGS.peers, SlotIndex())


def with_corrections(data: st.DataObject, days: list[list[Sale]], honest: int) -> list[list[Sale]]:
    """Add corrections: good outcomes turn bad, some are withdrawn, days after they became known."""
    found = [list(sales) for sales in days]
    for day, sales in enumerate(days[:-1]):
        for sale in sales:
            if sale.agent >= honest and data.draw(st.booleans()):
                taken_back = sale.bad or data.draw(st.booleans())
                change = (-sale.bad, -1) if taken_back else (1, 0)
                known_on = data.draw(st.integers(day + 1, len(days) - 1))
                found[known_on].append(Sale(sale.agent, sale.cell, *change))
    return found


def leaves_the_agent_out(own: Own, data: st.DataObject) -> None:
    """Recompute it from scratch from what the others sold, without whoever is left out."""
    absence = data.draw(ABSENCES)
    honest = 0 if absence is NOBODY else 1
    days = dict(enumerate(with_corrections(data, data.draw(WEEKS), honest)))
    market = Market(data.draw(st.integers(1, 3)), own)
    for day, sales in days.items():
        out = [absence.agent] if absence.first <= day <= absence.last and honest else []
        for sale, found in zip(sales, market.day(day, sales, out), strict=True):
            assert found == pytest.approx(expectation(days, day, sale, absence), rel=1e-6)


@given(st.data())
def test_an_expectation_is_what_the_others_say(data: st.DataObject) -> None:
    leaves_the_agent_out(own_totals, data)


@pytest.mark.parametrize(
    "own",
    [
        broken.StaysAmongThePeers,
        broken.TakesOutWhoeverIsLeftOut,
        broken.RemembersThePast,
        broken.ReportsNoPast,
        broken.NeverFades,
    ],
)
def test_the_law_refutes_what_breaks_it(own: type[OwnTotals]) -> None:
    assert refuted(leaves_the_agent_out, own)


@given(WEEKS, ABSENCES, st.randoms(use_true_random=True))
def test_neither_partitions_nor_the_order_of_sales_change_a_bit(
    days: list[list[Sale]], absence: Absence, random: Random
) -> None:
    one, many = Market(1), Market(4)
    for day, sales in enumerate(days):
        out = [0] if absence.first <= day <= absence.last and absence.agent == 0 else []
        shuffled = random.sample(sales, len(sales))
        found = dict(zip(sales, one.day(day, sales, out), strict=True))
        again = dict(zip(shuffled, many.day(day, shuffled, out), strict=True))
        assert found == again
        assert msgspec.json.encode(one.review) == msgspec.json.encode(many.review)


@pytest.mark.parametrize("rate", [0.05, 0.3])
def test_a_storm_is_followed_within_days_and_forgotten_within_days(rate: float) -> None:
    random = Random(1)  # noqa: S311 - a storm, not a secret
    market = Market()
    agents, products = 100, ("card", "line")
    errors: dict[int, float] = {}
    for day in range(120):
        odds = rate / (1 - rate) * (2 if 60 <= day < 90 else 1)
        true = odds / (1 + odds)
        sales = [
            Sale(agent, Cell(random.choice(products)), int(random.random() < true))
            for agent in range(agents)
            for _ in range(6)
        ]
        found = market.day(day, sales)
        errors[day] = sum(found) / len(found) / true - 1
    assert max(abs(error) for day, error in errors.items() if 30 <= day < 60) < 0.3
    assert -0.30 < errors[62] < 0.10
    assert max(abs(error) for day, error in errors.items() if 69 <= day < 90) < 0.3
    assert max(abs(error) for day, error in errors.items() if day >= 100) < 0.3
