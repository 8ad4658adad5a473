"""When a topic is believed no more, and again, is decided by the order of its records alone."""

from itertools import pairwise

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from streams.stages.actors.placement import FEW, LAST, MOST, Placed, Placement, Turn
from streams.wire.partitioner import partition_of
from streams.wire.topics import Topic
from tests.detectors.refutation import refuted

TOPIC = Topic.ACCOUNT_ACTIVITY
HERE = next(f"a-{n}" for n in range(99) if partition_of(f"a-{n}", 4) == 1)
ELSEWHERE = next(f"a-{n}" for n in range(99) if partition_of(f"a-{n}", 4) != 1)


def made() -> Placement:
    return Placement([TOPIC], 1, 4)


def by_definition(wrong: list[bool]) -> list[Turn]:
    """Return the turns, by looking at the last records after each record."""
    turns, trusted = list[Turn](), True
    for number in range(len(wrong)):
        recent = sum(wrong[max(0, number + 1 - LAST) : number + 1])
        if (trusted and recent > MOST) or (not trusted and recent <= FEW):
            trusted = not trusted
            turns.append(Turn(number, trusted))
    return turns


@st.composite
def records(draw: st.DrawFn) -> list[bool]:
    """Draw which records are misplaced: some near each other, and long stretches of right ones."""
    wrong: list[bool] = []
    for _ in range(draw(st.integers(0, 6))):
        wrong += [False] * draw(st.sampled_from((0, 1, 90, 500, LAST - 1, LAST, 2 * LAST)))
        wrong += [True] * draw(st.integers(0, MOST + 2))
    return wrong + [False] * draw(st.sampled_from((0, LAST, 2 * LAST)))


class ForgetsInARestart(Placement):
    """Begins anew with every state that it is given."""

    def restore(self, state: dict[Topic, Placed]) -> None:
        super().restore({topic: Placed() for topic in state})


def turns_law(kind: type[Placement], data: st.DataObject) -> None:
    wrong = data.draw(records())
    cuts = sorted({0, len(wrong), *data.draw(st.lists(st.integers(0, len(wrong)), max_size=5))})
    found = list[Turn]()
    placement = kind([TOPIC], 1, 4)
    for start, end in pairwise(cuts):
        given_ = [ELSEWHERE if one else HERE for one in wrong[start:end]]
        found += [Turn(start + turn.after, turn.trusted) for turn in placement.note(TOPIC, given_)]
        state = msgspec.msgpack.encode(placement.snapshot())
        placement = kind([TOPIC], 1, 4)
        placement.restore(msgspec.msgpack.decode(state, type=dict[Topic, Placed]))
    assert found == by_definition(wrong)
    assert placement.counts() == {TOPIC: sum(wrong)}
    assert bool(placement.complaints()) == bool(found and not found[-1].trusted)


@given(st.data())
def test_trust_turns_where_the_definition_says_whatever_the_batches(data: st.DataObject) -> None:
    turns_law(Placement, data)


def test_that_law_catches_one_that_forgets_in_a_restart() -> None:
    assert refuted(turns_law, ForgetsInARestart)


def test_the_complaint_names_the_setting_that_mends_it() -> None:
    placement = made()
    placement.note(TOPIC, [ELSEWHERE] * MOST)
    assert placement.complaints() == []
    placement.note(TOPIC, [HERE, ELSEWHERE])
    [complaint] = placement.complaints()
    assert complaint.topic is TOPIC
    assert "partitioner=murmur2_random" in complaint.remedy


def test_a_state_stays_small() -> None:
    placement = made()
    placement.note(TOPIC, [ELSEWHERE] * 5_000)
    assert len(msgspec.msgpack.encode(placement.snapshot())) < 200
