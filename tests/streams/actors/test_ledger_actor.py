"""What a ledger does at the end of its topics, and how it cuts what it tells."""

from itertools import chain
from typing import Final

import msgspec
import pytest

from detectors.errors import IncompatibleSnapshot
from detectors.outcomes import OutcomeBundle, SaleMade
from detectors.settings import Settings, read_settings
from streams.actors.actor import Output, Record
from streams.actors.bundles import LARGEST_BUNDLE
from streams.actors.ledger_actor import LedgerActor
from streams.event_routing import LARGEST_RECORD
from streams.metrics import Metrics
from streams.topic_catalogue import EVENT_TOPICS, Topic
from tests.streams.hostile_corpus import sale

SETTINGS: Final = read_settings(
    {"time": {"allowed_lateness": "1h"}, "patterns": {"unused_account": {"window": "1d"}}}
)
SOLD_AT: Final = 1_740_830_400.0  # 2025-03-01T12:00:00Z, when `sale` sells
IDLE_AFTER: Final = 5.0


def ledger(
    settings: Settings = SETTINGS, places: int = 1, until: float | None = None
) -> LedgerActor:
    return LedgerActor(settings, 0, places, idle_after=IDLE_AFTER, until=until, metrics=Metrics())


def give(actor: LedgerActor, *values: bytes | None) -> None:
    start = actor.reached(Topic.SALES) or 0
    for offset, value in enumerate(values, start):
        actor.apply(Record(Topic.SALES, 0, offset, b"key", value))


def two_sales() -> list[bytes]:
    return [sale(account_id=f'"a-{n}"', sale_id=f'"s-{n}"') for n in range(2)]


def silence(seconds: float) -> dict[Topic, float]:
    return dict.fromkeys(EVENT_TOPICS, seconds)


def alerts(outputs: list[Output]) -> int:
    return sum(output.topic is Topic.ALERTS for output in outputs)


def made_in(bundle: OutcomeBundle) -> list[list[SaleMade]]:
    return [day.made for day in bundle.days.values()]


def entries_of(actor: LedgerActor) -> dict[bytes, bytes]:
    write = actor.state()
    entries = {**write.prepared, **dict([write.head]), **write.settled}
    return {key: value for key, value in entries.items() if value is not None}


def test_what_silence_grants_is_written_before_it_is_used() -> None:
    actor = ledger()
    give(actor, *two_sales())
    long_enough = 86_400 + 3_600 + 1
    assert actor.tick(silence(long_enough))
    assert alerts(actor.outputs()) == 0
    entries = entries_of(actor)
    assert not actor.tick(silence(0))
    told = actor.outputs()
    assert alerts(told) == 2
    restored = ledger()
    restored.restore(entries)
    restored.tick(silence(0))
    assert restored.outputs() == told


def test_short_silence_changes_nothing() -> None:
    actor = ledger()
    give(actor, *two_sales())
    assert not actor.tick(silence(IDLE_AFTER - 1))


def test_a_bounded_run_is_complete_up_to_its_end_after_silence() -> None:
    actor = ledger(until=SOLD_AT + 10 * 86_400)
    give(actor, *two_sales())
    assert actor.tick(silence(IDLE_AFTER))
    actor.state()
    actor.tick(silence(IDLE_AFTER))
    assert alerts(actor.outputs()) == 2


def test_events_after_the_end_of_a_bounded_run_are_left_out() -> None:
    actor = ledger(until=SOLD_AT - 1)
    give(actor, *two_sales())
    actor.tick(silence(IDLE_AFTER))
    actor.state()
    assert not any(key.startswith(b"account/") for key in entries_of(actor))


def test_a_partition_without_events_is_complete_as_well_in_a_bounded_run() -> None:
    actor = ledger(until=SOLD_AT)
    assert actor.tick(silence(IDLE_AFTER))
    actor.state()
    actor.tick(silence(IDLE_AFTER))
    (told,) = actor.outputs()
    assert msgspec.msgpack.decode(told.value, type=OutcomeBundle).watermark == SOLD_AT


def test_the_count_of_open_alerts_survives_a_restart() -> None:
    metrics = Metrics()
    actor = ledger(until=SOLD_AT + 10 * 86_400)
    give(actor, *two_sales())
    actor.tick(silence(IDLE_AFTER))
    actor.state()
    actor.tick(silence(IDLE_AFTER))
    actor.outputs()
    restored = LedgerActor(SETTINGS, 0, 1, idle_after=5, until=None, metrics=metrics)
    restored.restore(entries_of(actor))
    restored.tick(silence(0))
    labels = {"pattern": "unused_account", "severity": "info", "partition": "0"}
    assert metrics.registry.get_sample_value("aboveboard_open_alerts", labels) == 2


def test_state_under_other_settings_is_refused() -> None:
    actor = ledger()
    give(actor, *two_sales())
    with pytest.raises(IncompatibleSnapshot, match="settings"):
        ledger(read_settings({})).restore(entries_of(actor))


def test_a_message_never_holds_more_than_its_share() -> None:
    number = 5 * LARGEST_BUNDLE
    until = SOLD_AT + 10 * 86_400
    actor = ledger(places=2, until=until)
    give(
        actor,
        *(
            sale(account_id=f'"a-{n}"', sale_id=f'"s-{n}"', agent_id=f'"agent-{n}"')
            for n in range(number)
        ),
    )
    actor.tick(silence(IDLE_AFTER))
    actor.outputs()
    actor.state()
    actor.tick(silence(IDLE_AFTER))
    told = [output for output in actor.outputs() if output.topic is Topic.OUTCOMES]
    by_place: dict[int | None, list[OutcomeBundle]] = {}
    for output in told:
        bundle = msgspec.msgpack.decode(output.value, type=OutcomeBundle)
        assert len(bundle.outcomes) <= LARGEST_BUNDLE
        assert sum(map(len, made_in(bundle))) <= LARGEST_BUNDLE
        by_place.setdefault(output.partition, []).append(bundle)
    assert by_place.keys() == {0, 1}
    for bundles in by_place.values():
        assert len(bundles) > 1
        # Only the last part tells the watermark: before it, something is still to come.
        assert [bundle.watermark == until for bundle in bundles] == [
            *(False for _ in bundles[1:]),
            True,
        ]
    everything = list(chain.from_iterable(by_place.values()))
    told_of = [outcome.sale_id for bundle in everything for outcome in bundle.outcomes]
    assert sorted(told_of) == sorted(f"s-{n}" for n in range(number))
    made = [sale for bundle in everything for day in made_in(bundle) for sale in day]
    assert sorted(sale.agent_id for sale in made) == sorted(f"agent-{n}" for n in range(number))


@pytest.mark.parametrize(
    ("size", "kept"), [(LARGEST_RECORD, LARGEST_RECORD), (LARGEST_RECORD + 1, 65_536)]
)
def test_a_letter_that_fits_no_message_keeps_its_beginning(size: int, kept: int) -> None:
    actor = ledger()
    give(actor, b"x" * size)
    (letter,) = actor.outputs()
    assert letter.value == b"x" * kept
    assert dict(letter.headers)["offset"] == b"0"
