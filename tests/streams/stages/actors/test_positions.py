import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import MissingRecords
from streams.stages.actors.positions import Positions
from streams.wire.topics import Topic
from tests.streams.stages.actors.in_memory import Record


def records(*offsets: int) -> list[Record]:
    return [Record(offset, None, b"") for offset in offsets]


def new(positions: Positions, *offsets: int, topic: Topic = Topic.SALES) -> list[int]:
    return [record.offset for record in positions.advance(topic, records(*offsets))]


def test_a_record_is_new_once() -> None:
    positions = Positions()
    assert new(positions, 4, 5) == [4, 5]
    assert new(positions, 4, 5) == []
    assert new(positions, 5, 6) == [6]
    assert new(positions) == []
    assert positions.reached(Topic.SALES) == 7


@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.integers(1, 12)).map(lambda p: range(p[0], p[0] + p[1])),
        max_size=12,
    )
)
def test_however_records_are_given_again_each_is_new_once(batches: list[range]) -> None:
    positions = Positions()
    taken = new(positions, 0)
    for batch in batches:
        if batch.start <= taken[-1] + 1:
            taken += new(positions, *batch)
    assert taken == list(range(len(taken)))


def test_topics_are_followed_on_their_own() -> None:
    positions = Positions()
    assert new(positions, 9) == [9]
    assert positions.reached(Topic.OUTCOMES) is None
    assert new(positions, 2, topic=Topic.OUTCOMES) == [2]


def test_the_marker_of_a_transaction_may_be_passed_over_but_no_more() -> None:
    positions = Positions()
    assert new(positions, 0, 2, 4) == [0, 2, 4]
    assert new(positions, 6) == [6]
    with pytest.raises(MissingRecords, match="offset 7: "):
        positions.advance(Topic.SALES, records(9))
    with pytest.raises(MissingRecords, match="offset 8: "):
        positions.advance(Topic.SALES, records(7, 10))
    assert positions.reached(Topic.SALES) == 7


def test_they_can_be_restored() -> None:
    positions = Positions()
    new(positions, 3)
    restored = Positions(positions.snapshot())
    assert new(restored, 3, 4) == [4]
