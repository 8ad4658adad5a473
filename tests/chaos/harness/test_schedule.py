"""A seed decides everything about a run."""

from itertools import pairwise

import pytest

from tests.chaos.schedule import LONG, SHORT, Form, Kind, draw
from tests.chaos.world import make_world


@pytest.mark.parametrize("form", [SHORT, LONG])
@pytest.mark.parametrize("seed", range(20))
def test_every_fault_and_every_record_is_in_the_schedule(form: Form, seed: int) -> None:
    schedule = draw(form, 12_345, seed)
    assert schedule == draw(form, 12_345, seed)
    for kind in Kind:
        count = sum(fault.kind is kind for fault in schedule.faults)
        assert count == form.faults.get(kind, 0)
    times = [fault.at for fault in schedule.faults]
    assert times == sorted(times)
    assert 0 < times[0] < times[-1] < form.seconds
    assert schedule.bursts[-1].end == 12_345
    for before, after in pairwise(schedule.bursts):
        assert before.at <= after.at
        assert before.end <= after.end


def test_another_seed_is_another_run() -> None:
    assert draw(LONG, 1_000, 1) != draw(LONG, 1_000, 2)


def test_the_long_form_asks_for_what_was_promised() -> None:
    assert LONG.events >= 200_000
    assert LONG.faults[Kind.KILL] >= 20
    assert set(LONG.faults) == set(Kind)


def test_a_world_is_the_same_for_the_same_seed() -> None:
    world = make_world(2_000, 3)
    assert world == make_world(2_000, 3)
    assert world != make_world(2_000, 4)
    assert len(world.records) >= 2_000
    assert len(set(world.records)) < len(world.records)
    assert world.hostile > 70
