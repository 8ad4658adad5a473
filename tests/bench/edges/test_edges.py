"""Faults of sources accuse nobody: a few seeds of the smallest worlds in which that can be seen."""

from functools import cache
from typing import Final

import pytest
from msgspec import structs

from bench.edges.acts import trace_of
from bench.edges.bounds import upper_bound
from bench.edges.catalogue import CATALOGUE, NOTHING
from bench.edges.fault import Draw, Fault
from bench.edges.merges import BELIEVED, MERGES
from bench.edges.page import page_of
from bench.edges.running import Result, faults_of, run
from bench.edges.world import Size, agent_years, honest_world, seeded, truly_fine
from detectors.settings import Settings
from detectors.sight_settings import SightSettings
from tests.detectors.insider.acts import ACTS

SIZE: Final = Size("of the law", 15, 1.5, days=80)
SETTINGS: Final = Settings()
SIGHTLESS: Final = structs.replace(SETTINGS, sight=SightSettings(silent_after="36500d"))


def test_every_act_of_an_insider_says_by_what_it_is_counted() -> None:
    assert all(trace_of(act) for act in ACTS)


HELD: Final = (
    "nothing",
    "use lost for good",
    "use stops, catches up",
    "a part of all use lost",
    "dates without a time of day",
    "records come twice",
    "odd values in fields",
    "later claims for a colleague",
)


@cache  # a result is asked for by several tests, and never changed
def judged(name: str, *, with_sight: bool = True) -> Result:
    return run(3, SETTINGS if with_sight else SIGHTLESS, SIZE, [CATALOGUE[name]])


def law(result: Result) -> None:
    """Nobody is warned of, no finding about an account in use stands, and the fault is told."""
    assert [one for one in result.warned if one.subject == "agent"] == []
    assert result.false_open == 0, result.examples
    assert set(result.told.values()) <= {True, None}


@pytest.mark.parametrize("name", HELD)
def test_a_fault_of_a_source_accuses_nobody_and_is_told(name: str) -> None:
    law(judged(name))


@pytest.mark.parametrize("fault", MERGES, ids=lambda fault: fault.name)
def test_whoever_gets_another_id_is_accused_of_nothing(fault: Fault) -> None:
    spread = structs.replace(SIZE, partitions=3)
    law(run(3, BELIEVED, spread, [fault]))


def test_the_law_catches_that_merges_of_accounts_are_not_believed() -> None:
    accounts, _ = MERGES
    with pytest.raises(AssertionError):
        law(run(3, SETTINGS, SIZE, [accounts]))


def test_the_law_catches_a_product_without_sight() -> None:
    with pytest.raises(AssertionError):
        law(judged("use lost for good", with_sight=False))


def test_a_seed_gives_the_same_world_and_the_same_result() -> None:
    assert honest_world(SIZE, 5) == honest_world(SIZE, 5)
    again = run(3, SETTINGS, SIZE, [NOTHING])
    assert structs.replace(judged("nothing"), seconds=again.seconds) == again


def test_every_fault_changes_something_of_every_world_but_not_the_world_itself() -> None:
    world = honest_world(SIZE, 1)
    before = list(world.arrivals)
    for number, fault in enumerate(CATALOGUE.values()):
        planted = fault.plant(world.arrivals, Draw(seeded(number), world))
        assert world.arrivals == before
        assert (planted.arrivals == before) == (fault is NOTHING), planted.words


def test_two_hundred_seeds_meet_every_fault_alone_or_with_others() -> None:
    met = [name for seed in range(200) for name in (one.name for one in faults_of(seed)[1])]
    assert set(met) == set(CATALOGUE)
    assert all(met.count(name) >= 6 for name in CATALOGUE)


def test_the_truth_says_of_most_accounts_that_all_is_well() -> None:
    world = honest_world(SIZE, 1)
    accounts = {one.account for one in world.arrivals}
    assert 0.6 < len(truly_fine(world.arrivals)) / len(accounts) < 1
    assert 0 < agent_years(world.arrivals) <= SIZE.agents * SIZE.days / 365


@pytest.mark.parametrize(("count", "most"), [(0, 2.996), (1, 4.744), (10, 16.962), (50, 63.29)])
def test_the_upper_bound_is_that_of_the_tables(count: int, most: float) -> None:
    assert upper_bound(count) == pytest.approx(most, abs=0.01)


def test_the_page_names_every_fault() -> None:
    page = page_of([judged("nothing")], [], [])
    assert all(name in page for name in CATALOGUE)
