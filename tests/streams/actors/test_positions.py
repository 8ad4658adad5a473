import pytest

from streams.actors.actor import Record
from streams.actors.positions import MissingRecords, Positions
from streams.topic_catalogue import Topic


def record(offset: int, topic: Topic = Topic.SALES) -> Record:
    return Record(topic, 0, offset, None, b"")


def test_a_record_is_new_once() -> None:
    positions = Positions()
    assert [positions.take(record(offset)) for offset in (4, 5, 4, 5, 6)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    assert positions.reached(Topic.SALES) == 7


def test_topics_are_followed_on_their_own() -> None:
    positions = Positions()
    assert positions.take(record(9))
    assert positions.reached(Topic.OUTCOMES) is None
    assert positions.take(record(2, Topic.OUTCOMES))


def test_the_marker_of_a_transaction_may_be_passed_over_but_no_more() -> None:
    positions = Positions()
    positions.take(record(0))
    assert positions.take(record(2))
    with pytest.raises(MissingRecords, match="from offset 3 on"):
        positions.take(record(5))


def test_they_can_be_restored() -> None:
    positions = Positions()
    positions.take(record(3))
    restored = Positions()
    restored.restore(positions.snapshot())
    assert not restored.take(record(3))
    assert restored.take(record(4))
