"""What time it is in a partition whose topics are silent, and in one that never heard anything."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import BEGINNING
from detectors.messages.outcomes import OutcomeBundle
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Output
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.ledger_state import LedgerState
from streams.stages.actors.unusable import Unusable
from streams.stages.timing.silence import EMPTY_EVERY
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic
from tests.detectors.refutation import refuted
from tests.streams.hostile_corpus import sale
from tests.streams.stages.actors.test_ledger_actor import (
    IDLE_AFTER,
    SETTINGS,
    SOLD_AT,
    Fed,
    ledger,
    silence,
    two_sales,
)

LATENESS: Final = 3_600.0
LONG_AGO: Final = SOLD_AT + 1_000.0


class LastArrival(LedgerActor):
    """Goes by the record that arrived last, whatever it says."""

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        unusable = super().apply(topic, records)
        self._silence.arrived = records[-1].timestamp / 1_000
        return unusable


class SinceIBegan(LedgerActor):
    """Counts silence from its own start."""

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        super().restore(rest, segments)
        self._silence.arrived = BEGINNING


def broken(kind: type[LedgerActor]) -> Callable[[], LedgerActor]:
    return lambda: kind(SETTINGS, 0, 1, idle_after=IDLE_AFTER, until=None, metrics=Metrics())


def sale_at(seconds: float) -> bytes:
    moment = datetime.fromtimestamp(seconds, UTC).isoformat()
    name = f'"{seconds}"'
    return sale(account_id=name, sale_id=name, event_id=name, occurred_at=f'"{moment}"')


def restarted(fed: Fed, make: Callable[[], LedgerActor]) -> Fed:
    fed.actor.outputs()
    fed.write()
    again = Fed(fed.restore(make()))
    again.segments.extend(fed.segments)
    return again


def silence_law(make: Callable[[], LedgerActor], data: st.DataObject) -> None:
    """Time goes on from the newest event, as the clock has gone on since that one arrived."""
    fed = Fed(make())
    fed.give(*two_sales(), arrived=LONG_AGO)
    newest, its_arrival, arrived = SOLD_AT, LONG_AGO, LONG_AGO
    for _ in range(data.draw(st.integers(0, 5))):
        arrived += data.draw(st.sampled_from([1.0, 600.0, 9_000.0]))
        match data.draw(st.sampled_from(["newer", "older", "again", "hostile", "restart"])):
            case "newer":
                newest, its_arrival = newest + 60, arrived
                fed.give(sale_at(newest), arrived=arrived)
            case "older":
                fed.give(sale_at(newest - 1_800), arrived=arrived)
            case "again":
                fed.give(*two_sales(), arrived=arrived)
            case "hostile":
                fed.give(b"not JSON", None, arrived=arrived)
            case _:
                fed = restarted(fed, make)
    now = arrived + data.draw(st.sampled_from([0.0, 10.0, 50_000.0]))
    fed.actor.tick(silence(IDLE_AFTER), now)
    fed.write()
    granted = msgspec.msgpack.decode(fed.rest, type=LedgerState).granted
    assert abs(granted - (newest + (now - its_arrival) - LATENESS)) < 1


@given(data=st.data())
def test_time_goes_on_since_the_newest_event_arrived(data: st.DataObject) -> None:
    silence_law(ledger, data)


@pytest.mark.parametrize("kind", [LastArrival, SinceIBegan])
def test_the_law_catches_what_breaks_it(kind: type[LedgerActor]) -> None:
    assert refuted(silence_law, broken(kind), examples=200)


def empty_bundles(outputs: list[Output]) -> list[int | None]:
    """Return the agents partitions that are told that nothing happened here until now."""
    told = []
    for output in outputs:
        if output.topic is Topic.OUTCOMES:
            bundle = msgspec.msgpack.decode(output.value, type=OutcomeBundle)
            assert bundle == OutcomeBundle(0, BEGINNING, empty=True)
            told.append(output.partition)
    return told


def test_a_partition_that_never_had_an_event_says_so_now_and_then() -> None:
    actor = ledger(places=3)
    told = []
    for second in range(1, int(IDLE_AFTER * (2 * EMPTY_EVERY + 1)) + 1):
        actor.tick(silence(float(second)), 0)
        told.append((second, empty_bundles(actor.outputs())))
    assert [(second, places) for second, places in told if places] == [
        (IDLE_AFTER + n * EMPTY_EVERY * IDLE_AFTER, [0, 1, 2]) for n in range(3)
    ]


def test_it_says_so_again_after_it_was_not_silent() -> None:
    actor = ledger()
    said = [
        bool(actor.tick(silence(seconds), 0) or empty_bundles(actor.outputs()))
        for seconds in (0.0, 6.0, 7.0, 0.0, 5.5, 8.0)
    ]
    assert said == [False, True, False, False, True, False]


def test_one_that_has_a_time_says_nothing_of_the_kind() -> None:
    fed = Fed(ledger())
    fed.give(*two_sales(), arrived=LONG_AGO)
    fed.actor.outputs()
    fed.actor.tick(silence(IDLE_AFTER), LONG_AGO)
    assert empty_bundles(fed.actor.outputs()) == []


def test_nor_does_one_of_a_bounded_run() -> None:
    actor = ledger(until=SOLD_AT)
    actor.tick(silence(IDLE_AFTER), 0)
    assert empty_bundles(actor.outputs()) == []
