"""No p-value promises more than it holds: alone exactly, and all of a page together."""

from collections.abc import Callable, Sequence
from math import comb, erfc, sqrt
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.desk.fairness import groups
from streams.desk.fairness.agents import SellingAgent
from streams.desk.fairness.exact import fisher, holm
from streams.desk.fairness.groups import LIMIT, comparisons, groups_of

Test = Callable[[int, int, int, int], float]
SIZES: Final = ((5, 40), (8, 9), (20, 100))
LIMITS: Final = (0.01, 0.05, 0.1)


def broken_promises(test: Test) -> list[str]:
    """Return where a test says too often that two shares differ which do not, exactly."""
    found = []
    for of, of_others in SIZES:
        for total in range(of + of_others + 1):
            whole = comb(of + of_others, total)
            tables = [
                (comb(of, one) * comb(of_others, total - one) / whole, one)
                for one in range(max(0, total - of_others), min(of, total) + 1)
            ]
            values = [(chance, test(one, of, total - one, of_others)) for chance, one in tables]
            for limit in LIMITS:
                said = sum(chance for chance, value in values if value <= limit)
                if said > limit + 1e-9:
                    found.append(f"{total} of {of}+{of_others}: {said} at {limit}")
    return found


def test_fisher_promises_what_it_holds() -> None:
    assert broken_promises(fisher) == []
    assert fisher(3, 4, 1, 4) == pytest.approx(34 / 70)  # the lady who tasted tea


def _by_the_normal(found: int, of: int, others: int, of_others: int) -> float:
    share = (found + others) / (of + of_others)
    spread = sqrt(share * (1 - share) * (1 / of + 1 / of_others))
    if not spread:
        return 1.0
    return erfc(abs(found / of - others / of_others) / spread / sqrt(2))


def test_a_test_that_promises_too_much_is_caught() -> None:
    assert broken_promises(_by_the_normal)


@given(st.lists(st.floats(0, 1), max_size=12), st.floats(0.001, 0.999))
def test_holm_rejects_as_he_wrote(values: list[float], limit: float) -> None:
    rejected: set[int] = set()
    for place, index in enumerate(sorted(range(len(values)), key=values.__getitem__)):
        if (len(values) - place) * values[index] > limit:
            break
        rejected.add(index)
    assert {i for i, value in enumerate(holm(values)) if value <= limit} == rejected


# ------------------------------------------------------------------------------- a page of groups


def honest_world(chance: Random) -> list[SellingAgent]:
    """Return agents whom nobody treats differently."""
    return [
        SellingAgent(
            {
                "site": chance.choice(("a", "b", "c", "d")),
                "team": str(number % 15),
                "tenure": chance.choice("0123"),
                "product": chance.choice(("card", "loan")),
            },
            12,
            chance.random() < 0.25,
            None,
        )
        for number in range(150)
    ]


def accused() -> float:
    """Return in how many of a hundred honest worlds some group is told to stand out."""
    chance = Random(5)  # noqa: S311 - to choose what happens, not to keep a secret
    return sum(
        any(
            one.finding in ("higher", "lower")
            for one in comparisons(groups_of(honest_world(chance)))
        )
        for _ in range(100)
    )


def test_where_all_are_treated_alike_no_group_stands_out() -> None:
    assert accused() <= 100 * LIMIT


def _each_for_itself(values: Sequence[float]) -> list[float]:
    return [*values]


def test_comparisons_that_do_not_know_of_each_other_are_caught(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(groups, "holm", _each_for_itself)
    assert accused() > 100 * LIMIT


def test_a_site_that_is_hit_harder_stands_out() -> None:
    chance = Random(7)  # noqa: S311 - as above
    world = [
        agent._replace(warned=chance.random() < 0.8) if agent.groups["site"] == "a" else agent
        for agent in honest_world(chance)
    ]
    found = {one.name: one.finding for one in groups_of(world)["site"]}
    assert found.pop("a") == "higher"
    assert "higher" not in found.values()
