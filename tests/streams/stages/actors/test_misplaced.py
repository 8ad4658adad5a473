"""While records of an event topic are misplaced, nobody is told as absent, and every replay agrees.

The actor is that of partition 0 of four. From day 40 to day 60 a producer puts the uses by another
hash: those of our customers are missing, and strangers' come instead.
"""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

import msgspec
import pytest

from detectors.basis.event_time import Seconds, moment
from detectors.messages.findings import AccountFinding
from detectors.messages.outcomes import OutcomeBundle
from detectors.settings import Settings
from streams.metrics.registry import Metrics, total
from streams.stages.actors.ledger_actor import LedgerActor
from streams.stages.actors.placement import LAST, MOST, Placement, Turn
from streams.wire.partitioner import partition_of
from streams.wire.topics import EVENT_TOPICS, Topic
from tests.streams.stages.actors.in_memory import Record

PARTITIONS: Final = 4
START: Final = 1_740_787_200.0
DAY: Final = 86_400.0
NOW: Final = START + 150 * DAY
"""After everything."""

OURS, STRANGERS = (
    [n for n in (f"a-{n}" for n in range(1_200)) if (partition_of(n, PARTITIONS) == 0) == ours]
    for ours in (True, False)
)
GONE: Final = range(40, 60)
NEVER_USED: Final = {5: True, 30: False, 45: False, 64: False, 75: True}
"""By the day of their sale, whether all of the 30 days after it were seen: from day 41 to day 65
the topic is not believed."""

AT_THE_EDGE: Final = {11.4: True, 11.5: False, 12.5: False}
"""Never used as well: their windows end where the trust does, at the eleventh stranger."""

_TOPIC_OF: Final = {kind: topic for topic, kind in EVENT_TOPICS.items()}

Timed = tuple[float, Topic, bytes]


def event(kind: str, /, day: float, account: str, **more: object) -> Timed:
    at = START + day * DAY
    body: dict[str, Any] = {
        "type": kind,
        "event_id": f"{kind} {account} {day}",
        "account_id": account,
        "occurred_at": moment(Seconds(at)).isoformat(),
        **more,
    }
    return at, _TOPIC_OF[kind], msgspec.json.encode(body)


def sold(day: float, account: str) -> Timed:
    more = {"sale_id": account, "customer_id": account, "agent_id": "anna", "product": "card"}
    return event("sale", day, account, amount=1.0, **more)


def used(day: float, account: str) -> Timed:
    return event("account_activity", day, account, kind="usage", initiated_by="customer")


def world() -> list[Timed]:
    """Return all that stands in partition 0, in the order of time."""
    events, ours, strangers = list[Timed](), iter(OURS), iter(STRANGERS)
    for day in range(120):
        account = next(ours)
        events.append(sold(day, account))
        if day in NEVER_USED:
            continue
        if day + 2 in GONE:
            events += [used(day + 2 + part / 8, next(strangers)) for part in range(6)]
        else:
            events.append(used(day + 2, account))
    events += [sold(day, next(ours)) for day in AT_THE_EDGE]
    busy = next(ours)
    events += [used(60 + number / 200, busy) for number in range(LAST + 200)]  # until day 66
    return sorted(events)


class Joined:
    """What an actor tells of the world, in batches by chance, with or without restarts."""

    def __init__(self, seed: int, *, most: int, kind: type[LedgerActor] = LedgerActor) -> None:
        self.metrics: Final = Metrics()
        self._kind: Final = kind
        self.actor = self._made()
        self.told = list[bytes]()
        self.complained = set[str]()
        self._segments: Final = list[bytes]()
        self._offsets: Final = dict.fromkeys(EVENT_TOPICS, 0)
        chance, events = Random(seed), world()  # noqa: S311 - to choose batches
        start = 0
        while start < len(events):
            end = start + chance.randint(1, most)
            self._give(chance.sample(list(EVENT_TOPICS), 3), events[start:end])
            start = end
            if chance.random() < 1 / 20:
                self._restart()
        for _ in range(2):  # time that silence has granted is used once it is written
            self._give(list(EVENT_TOPICS), [])

    def _made(self) -> LedgerActor:
        return self._kind(
            Settings(),
            0,
            1,
            partitions=PARTITIONS,
            idle_after=5.0,
            until=None,
            metrics=self.metrics,
        )

    def _give(self, topics: Sequence[Topic], events: Sequence[Timed]) -> None:
        for topic in topics:
            values = [value for _, of, value in events if of is topic]
            start = self._offsets[topic]
            records = [Record(start + n, b"key", value) for n, value in enumerate(values)]
            self._offsets[topic] += len(records)
            self.actor.apply(topic, records)
        self.actor.tick(dict.fromkeys(EVENT_TOPICS, 0.0) | {Topic.CANCELLATIONS: 99.0}, NOW)
        for output in self.actor.outputs():
            if output.topic is Topic.OUTCOMES:
                bundle = msgspec.msgpack.decode(output.value, type=OutcomeBundle)
                self.told += [msgspec.msgpack.encode(finding) for finding in bundle.findings]
        self.complained |= {one.topic for one in self.actor.complaints()}
        self._write()

    def _write(self) -> None:
        capture = self.actor.capture(len(self._segments))
        self._segments.append(b"".join(capture.segment))
        self._rest = capture.rest

    def _restart(self) -> None:
        self.actor = self._made()
        self.actor.restore(self._rest, [segment for segment in self._segments if segment])

    def accused(self) -> set[str]:
        findings = [msgspec.msgpack.decode(value, type=AccountFinding) for value in self.told]
        return {finding.account_id for finding in findings}


class ForgetsDistrustInARestart(LedgerActor):
    """Believes all sources once it has begun anew."""

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        super().restore(rest, segments)
        self._ledger.distrust.restore([])


class _AtTheEndOfTheBatch(Placement):
    def note(self, topic: Topic, account_ids: Sequence[str]) -> list[Turn]:
        turns = super().note(topic, account_ids)
        return [Turn(len(account_ids) - 1, turn.trusted) for turn in turns]


class LooksAtBatches(LedgerActor):
    """Lets trust turn at the end of the batch in which it does."""

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - as the actor's
        super().__init__(*arguments, **named)
        self._placement = _AtTheEndOfTheBatch(list(EVENT_TOPICS), 0, PARTITIONS)  # type: ignore[misc] # a fault


SEEN: Final = {OURS[day] for day, seen in NEVER_USED.items() if seen} | {
    OURS[120 + number] for number, seen in enumerate(AT_THE_EDGE.values()) if seen
}


def agrees(kind: type[LedgerActor]) -> bool:
    """Return whether every way to run it tells the same, and nothing but what was seen."""
    runs = [Joined(seed, most=most, kind=kind) for seed, most in ((1, 1), (2, 9), (3, 60))]
    same = len({tuple(sorted(run.told)) for run in runs}) == 1
    return same and all(run.accused() == SEEN for run in runs)


def test_nobody_is_told_as_absent_where_it_was_not_seen_and_every_replay_agrees() -> None:
    assert agrees(LedgerActor)


@pytest.mark.parametrize("kind", [ForgetsDistrustInARestart, LooksAtBatches])
def test_an_actor_that_decides_otherwise_is_caught(kind: type[LedgerActor]) -> None:
    assert not agrees(kind)


def test_it_complains_while_it_lasts_and_counts_every_record() -> None:
    run = Joined(5, most=20)
    assert run.complained == {Topic.ACCOUNT_ACTIVITY}
    assert run.actor.complaints() == []
    _, exposition = run.metrics.exposition("")
    strangers = 6 * (len(GONE) - 1)  # the day of an account that was never used has none
    assert strangers > MOST
    assert total(exposition.decode(), "aboveboard_misplaced_records") == strangers
