"""Between which times a hole lies: the same whatever the batches are."""

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.messages.holes import Hole
from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.event_holes import EventHoles
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.losses import Loss
from streams.stages.timing.arrivals import is_ahead, refusal
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic
from tests.detectors.refutation import refuted
from tests.streams.hostile_corpus import sale
from tests.streams.stages.actors.in_memory import Record

LOSS = Loss(Topic.SALES, 0, 10, 19)
ARRIVED = Seconds(1_700_000_000.0)


class Newest(EventHoles):
    """Takes the end of a hole from the newest event of a batch."""

    def bound(self, topic: Topic, records: object, time_of: object, said_until: Seconds) -> None:
        super().bound(topic, list(reversed(records)), time_of, said_until)  # type: ignore[call-overload, arg-type] # it is broken


def time_of(record: KafkaRecord) -> Seconds:
    at = Seconds(float(record.value or b""))
    if is_ahead(at, record, 3_600.0):
        raise refusal(at, record, "1h")
    return at


def record(offset: int, at: float) -> Record:
    return Record(offset, None, str(at).encode(), int(ARRIVED * 1_000))


def the_batches_change_nothing(holes: type[EventHoles], data: st.DataObject) -> None:
    """Bound a hole by the first event after it, give or take the lateness."""
    times = data.draw(st.lists(st.integers(0, 9), min_size=1, max_size=9))
    records = [record(20 + n, ARRIVED - time) for n, time in enumerate(times)]
    tried = holes(60.0)
    tried.add(LOSS, Seconds(ARRIVED - 100), BEGINNING)
    done = 0
    while done < len(records):
        count = data.draw(st.integers(1, len(records) - done))
        tried.bound(Topic.SALES, records[done : done + count], time_of, BEGINNING)
        done += count
    expected = Hole(*LOSS, since=Seconds(ARRIVED - 160), until=Seconds(ARRIVED - times[0] + 60))
    assert tried.all == [expected]


@given(st.data())
def test_the_batches_change_nothing(data: st.DataObject) -> None:
    the_batches_change_nothing(EventHoles, data)


def test_the_law_bites() -> None:
    assert refuted(the_batches_change_nothing, Newest)


def test_what_is_not_known_is_left_open() -> None:
    holes = EventHoles(60.0)
    holes.add(LOSS, BEGINNING, BEGINNING)
    assert holes.all == [Hole(*LOSS)]
    holes.bound(Topic.CANCELLATIONS, [record(20, ARRIVED)], time_of, BEGINNING)
    assert holes.all == [Hole(*LOSS)]


def test_a_clock_far_ahead_of_its_record_does_not_bound_it() -> None:
    holes = EventHoles(60.0)
    holes.add(LOSS, BEGINNING, BEGINNING)
    holes.bound(Topic.SALES, [record(20, ARRIVED + 2e9), record(21, ARRIVED)], time_of, BEGINNING)
    assert holes.all == [Hole(*LOSS, until=Seconds(ARRIVED + 60))]


def test_a_ledger_remembers_its_holes() -> None:
    def ledger() -> LedgerActor:
        return LedgerActor(Settings(), 0, 1, idle_after=1.0, until=None, metrics=Metrics())

    actor = ledger()
    actor.apply(Topic.SALES, [Record(9, None, sale())])
    actor.remember(LOSS)
    actor.apply(Topic.SALES, [Record(20, None, b"none"), Record(21, None, sale(), 0, 0)])
    (hole,) = actor.holes
    assert (hole.first, hole.last) == (10, 19)
    assert hole.until is not None
    capture = actor.capture(0)
    restored = ledger()
    restored.restore(capture.rest, [b"".join(capture.segment)])
    assert list(restored.holes) == [hole]
