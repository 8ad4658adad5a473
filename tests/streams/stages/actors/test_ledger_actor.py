"""What a ledger does at the end of its topics, and how it cuts what it tells."""

from itertools import chain
from typing import Final

import msgspec
import pytest
from msgspec import structs

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Seconds
from detectors.correction_settings import CorrectionSettings
from detectors.messages.outcomes import OutcomeBundle, SaleMade
from detectors.settings import Settings, read_settings
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Output
from streams.stages.actors.agents_actor import AgentsActor
from streams.stages.actors.bundles import LARGEST_BUNDLE
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.ledger_state import LedgerState
from streams.wire.routing import LARGEST_RECORD
from streams.wire.topics import EVENT_TOPICS, Topic
from streams.worker.installation.broker_clock import UNKNOWN
from tests.streams.hostile_corpus import sale
from tests.streams.stages.actors.in_memory import Record

SETTINGS: Final = read_settings(
    {"time": {"allowed_lateness": "1h"}, "patterns": {"unused_account": {"window": "1d"}}}
)
SOLD_AT: Final = 1_740_830_400.0  # 2025-03-01T12:00:00Z, when `sale` sells
IDLE_AFTER: Final = 5.0


def ledger(
    settings: Settings = SETTINGS,
    places: int = 1,
    until: float | None = None,
    partitions: int = 1,
) -> LedgerActor:
    return LedgerActor(
        settings,
        0,
        places,
        partitions=partitions,
        idle_after=IDLE_AFTER,
        until=None if until is None else Seconds(until),
        metrics=Metrics(),
    )


class Fed:
    """An actor, and what was written of its state."""

    def __init__(self, actor: LedgerActor) -> None:
        self.actor: Final = actor
        self.segments: Final[list[bytes]] = []
        self.rest = b""
        self._offset = 0

    def give(
        self, *values: bytes | None, arrived: float = SOLD_AT, topic: Topic = Topic.SALES
    ) -> None:
        records = [
            Record(offset, b"key", value, round(1_000 * arrived))
            for offset, value in enumerate(values, self._offset)
        ]
        self._offset += len(records)
        self.actor.apply(topic, records)

    def write(self) -> None:
        capture = self.actor.capture(len(self.segments))
        if segment := b"".join(capture.segment):
            self.segments.append(segment)
        self.rest = capture.rest

    def restore(self, actor: LedgerActor) -> LedgerActor:
        actor.restore(self.rest, self.segments)
        return actor


def two_sales() -> list[bytes]:
    """Return sales of which the second was made a moment before the other."""
    return [
        sale(
            account_id=f'"a-{n}"',
            sale_id=f'"s-{n}"',
            occurred_at=f'"2025-03-01T{time}Z"',
        )
        for n, time in enumerate(["12:00:00", "11:59:59.5"])
    ]


def silence(seconds: float) -> dict[Topic, float]:
    return dict.fromkeys(EVENT_TOPICS, seconds)


def bundles(outputs: list[Output]) -> list[OutcomeBundle]:
    told = [output.value for output in outputs if output.topic is Topic.OUTCOMES]
    return [msgspec.msgpack.decode(value, type=OutcomeBundle) for value in told]


def findings(outputs: list[Output]) -> int:
    return sum(len(bundle.findings) for bundle in bundles(outputs))


def made_in(bundle: OutcomeBundle) -> list[list[SaleMade]]:
    return [day.made for day in bundle.days.values()]


def test_a_merge_stands_in_the_topic_of_activity_and_survives_a_restart() -> None:
    merged = sale(type='"account_merged"', account_id='"a-0"', into_account_id='"b"')
    told, now = list[int](), SOLD_AT + 1_000 + 86_400 + 3_600 + 1
    for heeded in (False, True):
        chosen = structs.replace(SETTINGS, corrections=CorrectionSettings(merges=heeded))
        fed = Fed(ledger(chosen))
        fed.give(*two_sales(), arrived=SOLD_AT + 1_000)
        fed.give(merged, merged, arrived=SOLD_AT + 1_000, topic=Topic.ACCOUNT_ACTIVITY)
        fed.actor.tick(silence(IDLE_AFTER), now)
        fed.actor.outputs()
        fed.write()
        for actor in (fed.actor, fed.restore(ledger(chosen))):
            actor.tick(silence(0), now)
            told.append(findings(actor.outputs()))
    assert told == [2, 2, 1, 1]


def test_a_refused_use_leaves_it_unclear_in_any_batches_and_after_a_restart() -> None:
    uses = [
        sale(
            type='"account_activity"',
            account_id=account,
            occurred_at=at,
            kind='"usage"',
            initiated_by='"customer"',
            agent_id="null",
        )
        for account, at in (
            ('"c"', '"2025-03-01T12:00:00Z"'),
            ('"d"', '"2025-03-01T12:00:00Z"'),
            ('"a-0"', '"01.03.2025"'),
            ('"a-1"', '"2025-03-09T12:00:00Z"'),  # ahead of its arrival
        )
    ]
    told, now = list[int](), SOLD_AT + 1_000 + 86_400 + 3_600 + 1
    for batches in ([uses], [uses[:3], uses[3:]], [uses[:2]]):
        fed = Fed(ledger())
        fed.give(*two_sales(), arrived=SOLD_AT + 1_000)
        for batch in batches:
            fed.give(*batch, arrived=SOLD_AT + 1_000, topic=Topic.ACCOUNT_ACTIVITY)
        fed.actor.tick(silence(IDLE_AFTER), now)
        fed.actor.outputs()
        fed.write()
        for actor in (fed.actor, fed.restore(ledger())):
            actor.tick(silence(0), now)
            told.append(findings(actor.outputs()))
    assert told == [0, 0, 0, 0, 2, 2]


def test_a_merge_of_agents_is_known_after_a_restart_and_is_in_no_wrong_partition() -> None:
    """It is about no account, so a partition that belongs to other accounts holds it as well."""
    merged = [
        sale(type='"agent_merged"', account_id=f'"g-{n}"', agent_id=f'"g-{n}"', into_agent_id='"b"')
        for n in range(20)
    ]
    settings = structs.replace(SETTINGS, corrections=CorrectionSettings(agents=True))
    fed = Fed(ledger(settings, partitions=4))
    fed.give(*merged, topic=Topic.ACCOUNT_ACTIVITY)
    assert not fed.actor.complaints()
    fed.actor.outputs()
    fed.write()
    again = fed.restore(ledger(settings, partitions=4))
    again.outputs()
    again.capture(1)
    assert msgspec.msgpack.decode(fed.rest, type=LedgerState).merged_agents
    assert again.capture(2).rest == fed.rest


def test_what_silence_grants_is_written_before_it_is_used() -> None:
    fed = Fed(ledger())
    fed.give(*two_sales(), arrived=SOLD_AT + 1_000)
    now = SOLD_AT + 1_000 + 86_400 + 3_600 + 1
    assert fed.actor.tick(silence(IDLE_AFTER), now)
    assert findings(fed.actor.outputs()) == 0
    fed.write()
    assert not fed.actor.tick(silence(0), now)
    told = fed.actor.outputs()
    assert findings(told) == 2
    restored = fed.restore(ledger())
    restored.tick(silence(0), now)
    assert restored.outputs() == told


def test_short_silence_changes_nothing() -> None:
    fed = Fed(ledger())
    fed.give(*two_sales())
    assert not fed.actor.tick(silence(IDLE_AFTER - 1), 86_400)


def test_time_goes_on_while_no_worker_runs() -> None:
    fed = Fed(ledger())
    fed.give(*two_sales(), arrived=SOLD_AT + 1_000)
    fed.actor.outputs()
    fed.write()
    restored = fed.restore(ledger())
    restored.tick(silence(IDLE_AFTER), SOLD_AT + 1_000 + 86_400 + 3_600 + 1)
    restored.capture(1)
    restored.tick(silence(0), 0)
    assert findings(restored.outputs()) == 2


def test_a_clock_that_is_behind_the_brokers_takes_no_time_back() -> None:
    fed = Fed(ledger())
    fed.give(*two_sales(), arrived=SOLD_AT + 1_000)
    fed.actor.tick(silence(IDLE_AFTER), 0)
    fed.write()
    fed.actor.tick(silence(0), 0)
    fed.actor.outputs()
    fed.write()
    state = msgspec.msgpack.decode(fed.rest, type=LedgerState)
    assert state.watermark == state.granted == SOLD_AT - 3_600


def test_while_nobody_knows_the_time_silence_grants_none() -> None:
    """The clocks disagree, or the broker takes no writes: what was granted would stay for good."""
    fed = Fed(ledger())
    fed.give(*two_sales(), arrived=SOLD_AT + 1_000)
    fed.actor.tick(silence(60 * 86_400), UNKNOWN)
    fed.write()
    state = msgspec.msgpack.decode(fed.rest, type=LedgerState)
    assert state.granted == SOLD_AT - 3_600
    fed.actor.tick(silence(60 * 86_400), SOLD_AT + 1_000 + 86_400 + 3_600 + 1)
    fed.write()
    fed.actor.tick(silence(0), UNKNOWN)
    assert findings(fed.actor.outputs()) == 2


def test_a_bounded_run_is_complete_up_to_its_end_after_silence() -> None:
    fed = Fed(ledger(until=SOLD_AT + 10 * 86_400))
    fed.give(*two_sales())
    assert fed.actor.tick(silence(IDLE_AFTER), 0)
    fed.write()
    fed.actor.tick(silence(IDLE_AFTER), 0)
    assert findings(fed.actor.outputs()) == 2


def test_events_after_the_end_of_a_bounded_run_are_left_out() -> None:
    fed = Fed(ledger(until=SOLD_AT - 1))
    fed.give(*two_sales())
    fed.actor.tick(silence(IDLE_AFTER), 0)
    fed.actor.outputs()
    fed.write()
    assert fed.segments == []


def test_a_partition_without_events_is_complete_as_well_in_a_bounded_run() -> None:
    fed = Fed(ledger(until=SOLD_AT))
    assert fed.actor.tick(silence(IDLE_AFTER), 0)
    fed.write()
    fed.actor.tick(silence(IDLE_AFTER), 0)
    (told,) = fed.actor.outputs()
    assert msgspec.msgpack.decode(told.value, type=OutcomeBundle).watermark == SOLD_AT


def test_the_count_of_open_alerts_survives_a_restart() -> None:
    fed = Fed(ledger(until=SOLD_AT + 10 * 86_400))
    fed.give(*two_sales())
    fed.actor.tick(silence(IDLE_AFTER), 0)
    fed.write()
    fed.actor.tick(silence(IDLE_AFTER), 0)
    told = [output.value for output in fed.actor.outputs() if output.topic is Topic.OUTCOMES]
    records = [Record(offset, b"0", value) for offset, value in enumerate(told)]
    agents = AgentsActor(SETTINGS, 0, 1, Metrics())
    agents.apply(Topic.OUTCOMES, records)
    assert sum(output.topic is Topic.ALERTS for output in agents.outputs()) == 2
    metrics = Metrics()
    restored = AgentsActor(SETTINGS, 0, 1, metrics)
    restored.restore(b"", [b"".join(agents.capture(0).segment)])
    restored.tick(silence(0), 0)
    labels = {"pattern": "unused_account", "severity": "info", "partition": "0"}
    assert metrics.registry.get_sample_value("aboveboard_open_alerts", labels) == 2


def test_state_under_other_settings_is_refused() -> None:
    fed = Fed(ledger())
    fed.give(*two_sales())
    fed.actor.outputs()
    fed.write()
    with pytest.raises(IncompatibleSnapshot, match="settings"):
        fed.restore(ledger(read_settings({})))


def test_a_message_never_holds_more_than_its_share() -> None:
    number = 5 * LARGEST_BUNDLE
    until = SOLD_AT + 10 * 86_400
    fed = Fed(ledger(places=2, until=until))
    fed.give(
        *(
            sale(account_id=f'"a-{n}"', sale_id=f'"s-{n}"', agent_id=f'"agent-{n}"')
            for n in range(number)
        ),
    )
    fed.actor.tick(silence(IDLE_AFTER), 0)
    fed.actor.outputs()
    fed.write()
    fed.actor.tick(silence(IDLE_AFTER), 0)
    told = [output for output in fed.actor.outputs() if output.topic is Topic.OUTCOMES]
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
    fed = Fed(ledger())
    fed.give(b"x" * size)
    (letter,) = fed.actor.outputs()
    assert letter.value == b"x" * kept
    assert dict(letter.headers)["offset"] == b"0"


def test_what_was_repaired_or_refused_for_a_field_is_counted_once() -> None:
    metrics = Metrics()
    actor = LedgerActor(SETTINGS, 0, 1, idle_after=IDLE_AFTER, until=None, metrics=metrics)
    values = [sale(team="7", channel="[]"), sale(team="8"), sale(product='"a\\u202eb"'), b"{"]
    records = [Record(offset, b"key", value) for offset, value in enumerate(values)]
    for some in (records[:1], records[1:]):
        actor.apply(Topic.SALES, some)
    told = {
        (sample.labels["field"], sample.labels.get("repair", "refused")): sample.value
        for family in metrics.registry.collect()
        for sample in family.samples
        if sample.name.endswith("_fields_total")
    }
    assert told == {
        ("team", "read"): 2.0,
        ("channel", "unknown"): 1.0,
        ("product", "refused"): 1.0,
    }
