"""A seed decides everything about a run."""

from itertools import pairwise

import pytest

from streams.wire.topics import EVENT_TOPICS
from tests.chaos.schedule import LONG, SHORT, Form, Kind, draw
from tests.chaos.world import STAMPED_AHEAD, make_world


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


def test_every_source_stops_once_and_keeps_its_order() -> None:
    world = make_world(2_000, 3)
    ahead = set(world.ahead)
    assert len(ahead) == len(world.ahead) == STAMPED_AHEAD * len(EVENT_TOPICS)
    sent = [record for record in world.sent if record not in ahead]
    assert sorted(sent) == sorted(world.records)
    assert sent != world.records
    for topic in EVENT_TOPICS:
        in_order = [record for record in world.records if record.topic is topic]
        assert [record for record in sent if record.topic is topic] == in_order
