"""The same settings give the same bytes; other settings others."""

from itertools import islice, pairwise

import pytest

from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings

SETTINGS = SimulationSettings(agents=20, days=20, seed=5)


def test_the_same_settings_give_the_same_lines() -> None:
    assert list(simulate(SETTINGS)) == list(simulate(SETTINGS))


def test_seeds_differ() -> None:
    other = SimulationSettings(agents=20, days=20, seed=6)
    assert set(simulate(SETTINGS)).isdisjoint(simulate(other))


def test_lines_come_as_they_are_asked_for() -> None:
    a_century = SimulationSettings(agents=20, days=36_500, seed=5)
    assert len(list(islice(simulate(a_century), 1_000))) == 1_000


@pytest.mark.parametrize("days", [1, 2])
def test_the_shortest_periods_work(days: int) -> None:
    assert list(simulate(SimulationSettings(agents=1, days=days, seed=0, sales_per_day=50.0)))


def test_a_crowded_day_keeps_its_times_distinct() -> None:
    crowded = SimulationSettings(agents=2, days=1, seed=0, sales_per_day=100_000.0)
    stamps = [line.split(b'"', 16)[15] for line in simulate(crowded)]
    assert len(stamps) > 100_000
    assert all(one < other for one, other in pairwise(stamps))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agents", 0),
        ("days", 0),
        ("days", 36_501),
        ("seed", -1),
        ("seed", 2**63),
        ("sales_per_day", 0.0),
        ("sales_per_day", float("nan")),
        ("between_agent_sd", -0.1),
        ("planted_share", 1.5),
    ],
)
def test_a_parameter_out_of_range_is_refused_by_name(name: str, value: float) -> None:
    parameters = {"agents": 5, "days": 5, "seed": 5} | {name: value}
    with pytest.raises(ValueError, match=name):
        SimulationSettings(**parameters)  # type: ignore[arg-type]  # wrong on purpose
