from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.errors import MissingRecords
from streams.stages.actors.positions import Positions
from streams.wire.topics import Topic
from tests.detectors.refutation import refuted
from tests.streams.stages.actors.broken_positions import (
    Counts,
    StaysBefore,
    TakesAgain,
    TrustsRecords,
)
from tests.streams.stages.actors.in_memory import Record


def records(*offsets: int) -> list[Record]:
    return [Record(offset, None, b"") for offset in offsets]


def new(
    positions: Positions, since: int, until: int, *offsets: int, topic: Topic = Topic.SALES
) -> list[int]:
    found = positions.advance(topic, since, until, records(*offsets))
    return [record.offset for record in found]


class Log(NamedTuple):
    """A log up to ``end``; only some offsets hold a record, the others a marker or nothing."""

    held: list[int]
    end: int


@st.composite
def logs(draw: st.DrawFn) -> Log:
    end = draw(st.integers(1, 12))
    held = draw(st.sets(st.integers(0, end - 1)))
    return Log(sorted(held), end)


def every_record_once(positions: type[Positions], data: st.DataObject) -> None:
    """However it is fetched, and again, and whatever is missing in between: every record once."""
    log, tried = data.draw(logs()), positions()
    fetched, taken = 0, []
    while fetched < log.end:
        since = data.draw(st.integers(max(0, fetched - 3), fetched))
        known_only = fetched > since and data.draw(st.booleans())
        until = fetched if known_only else data.draw(st.integers(fetched + 1, log.end))
        try:
            taken += new(tried, since, until, *(o for o in log.held if since <= o < until))
        except MissingRecords:
            raise AssertionError("nothing is missing") from None
        fetched = until
        assert tried.reached(Topic.SALES) == fetched
    assert taken == log.held


def a_loss_is_found(positions: type[Positions], data: st.DataObject) -> None:
    """Where fetching went on later than expected, exactly what lies between is named."""
    reached, deleted = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    start = reached + deleted
    tried = positions({Topic.SALES: reached})
    until = data.draw(st.integers(start, start + 3))
    with_records = data.draw(st.booleans())
    try:
        new(tried, start, until, *(range(start, until) if with_records else ()))
    except MissingRecords as error:
        assert (error.first, error.last) == (reached, start - 1)  # noqa: PT017 - a law asserts
        assert tried.reached(Topic.SALES) == reached
    else:
        raise AssertionError("the loss was not found")


@given(st.data())
def test_every_record_is_new_once(data: st.DataObject) -> None:
    every_record_once(Positions, data)


@given(st.data())
def test_what_was_deleted_is_found(data: st.DataObject) -> None:
    a_loss_is_found(Positions, data)


def test_the_laws_bite() -> None:
    assert refuted(every_record_once, Counts)
    assert refuted(every_record_once, StaysBefore)
    assert refuted(every_record_once, TakesAgain)
    assert refuted(a_loss_is_found, TrustsRecords)


def test_topics_are_followed_on_their_own() -> None:
    positions = Positions()
    assert new(positions, 9, 10, 9) == [9]
    assert positions.reached(Topic.OUTCOMES) is None
    assert new(positions, 2, 3, 2, topic=Topic.OUTCOMES) == [2]


def test_reading_begins_where_a_log_begins() -> None:
    positions = Positions()
    assert new(positions, 50, 50) == []
    assert positions.reached(Topic.SALES) == 50
    assert new(positions, 50, 53, 51) == [51]


def test_after_a_loss_that_was_accepted_they_go_on() -> None:
    positions = Positions({Topic.SALES: 4})
    with pytest.raises(MissingRecords):
        new(positions, 9, 10, 9)
    positions.pass_over(Topic.SALES, 8)
    assert new(positions, 9, 10, 9) == [9]


def test_they_can_be_restored() -> None:
    positions = Positions()
    new(positions, 3, 4, 3)
    restored = Positions(positions.snapshot())
    assert new(restored, 3, 5, 3, 4) == [4]
