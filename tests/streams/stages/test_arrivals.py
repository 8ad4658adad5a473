"""An event cannot lie after the arrival of its own record, whichever way it is read."""

from collections.abc import Sequence
from typing import Final

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.settings import read_settings
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Output
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.ledger_state import LedgerState
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.detectors.refutation import refuted
from tests.streams.stages.actors.in_memory import Record
from tests.streams.stages.actors.test_quiet_partitions import sale_at

NOW: Final = 1_740_830_400.0
HOUR: Final = 3_600.0
DAY: Final = 86_400.0
FAR: Final = 74 * 365 * DAY


def actor(kind: type[LedgerActor] = LedgerActor) -> LedgerActor:
    return kind(read_settings({}), 0, 1, idle_after=1.0, until=None, metrics=Metrics())


def record(offset: int, at: float, arrived: float = NOW, kind: int = 1) -> Record:
    return Record(offset, b"key", sale_at(at), round(arrived * 1_000), kind)


def odd(one: Record) -> Record:
    """Return a record of the same event that is not read as nearly all are."""
    assert one.value is not None
    return one._replace(value=one.value.replace(b'"product":', b'"team":["odd"],"product":'))


def refused(outputs: Sequence[Output]) -> list[tuple[str, str]]:
    letters = [dict(one.headers) for one in outputs if one.topic is Topic.DEAD_LETTERS]
    return [(letter["offset"].decode(), letter["reason"].decode()) for letter in letters]


@pytest.mark.parametrize("form", [lambda one: one, odd])
def test_a_time_after_the_arrival_is_refused(form: object) -> None:
    assert callable(form)
    one = actor()
    times = [NOW - DAY, NOW + HOUR, NOW + HOUR + 1, FAR + NOW, NOW]
    one.apply(Topic.SALES, [form(record(n, at)) for n, at in enumerate(times)])
    outputs = one.outputs()
    assert refused(outputs) == [("2", "impossible_time"), ("3", "impossible_time")]
    (detail,) = {dict(out.headers)["detail"][-40:] for out in outputs if out.headers}
    assert b"can be replayed" in detail


def test_where_producers_tell_the_time_nothing_is_refused_for_it() -> None:
    one = actor()
    one.apply(Topic.SALES, [record(n, NOW + n * DAY, arrived=0.0, kind=0) for n in range(3)])
    assert refused(one.outputs()) == []


def test_a_setting_says_how_far() -> None:
    settings = read_settings({"time": {"ahead_of_arrival": "2d"}})
    one = LedgerActor(settings, 0, 1, idle_after=1.0, until=None, metrics=Metrics())
    one.apply(Topic.SALES, [record(0, NOW + DAY), record(1, NOW + 3 * DAY)])
    assert refused(one.outputs()) == [("1", "impossible_time")]


class BelievesTheEvent(LedgerActor):
    """Takes any record for one that arrived when its event says."""

    def apply(self, topic: Topic, records: object) -> object:  # type: ignore[override] # it is broken
        assert isinstance(records, list)
        return super().apply(topic, [one._replace(timestamp_type=0) for one in records])


def no_clock_moves_time_past_arrival(kind: type[LedgerActor], data: st.DataObject) -> None:
    """Whatever sources, workers and brokers think of the time: it is that of arrivals, at most."""
    one, written, arrived, latest = actor(kind), b"", NOW, NOW
    for number in range(data.draw(st.integers(1, 6))):
        arrived += data.draw(st.sampled_from([0.0, 60.0, DAY, -60 * DAY]))
        latest = max(latest, arrived)
        ahead = data.draw(st.sampled_from([-DAY, 0.0, HOUR, 7 * DAY, 60 * DAY, FAR]))
        events = [
            record(20 * number + n, arrived + ahead + n / 100, arrived)
            for n in range(data.draw(st.sampled_from([1, 2, 12])))
        ]
        one.apply(data.draw(st.sampled_from(list(EVENT_TOPICS)[:1])), events)
        # The broker's clock as far as it is known: it may stand still, and never runs ahead.
        now = latest + data.draw(st.sampled_from([0.0, DAY]))
        latest = max(latest, now)
        one.tick(dict.fromkeys(EVENT_TOPICS, 60 * DAY), now)
        one.outputs()
        written = one.capture(number).rest
        state = msgspec.msgpack.decode(written, type=LedgerState)
        assert max(state.granted, state.watermark) <= latest + HOUR, "time is ahead of arrivals"


@settings(max_examples=40)
@given(st.data())
def test_no_clock_moves_time_past_arrival(data: st.DataObject) -> None:
    no_clock_moves_time_past_arrival(LedgerActor, data)


def test_that_law_catches() -> None:
    assert refuted(no_clock_moves_time_past_arrival, BelievesTheEvent, examples=300)


def test_time_reaches_what_has_arrived() -> None:
    one = actor()
    one.apply(Topic.SALES, [record(n, NOW + n) for n in range(3)])
    one.tick(dict.fromkeys(EVENT_TOPICS, 60.0), NOW + DAY)
    state = msgspec.msgpack.decode(one.capture(0).rest, type=LedgerState)
    assert state.watermark == BEGINNING
    assert state.granted == Seconds(NOW + 2 + DAY - HOUR)
