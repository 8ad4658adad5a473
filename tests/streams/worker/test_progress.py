"""Events are held back while the judging stages are far behind, and let go when they are not."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import pytest

from detectors.settings import Settings
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Capture, Output
from streams.stages.actors.agents_actor import AgentsActor
from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.unusable import Unusable
from streams.stages.plan import Membership, StagePlan
from streams.stages.runner import StageRunner
from streams.wire.record import KafkaRecord
from streams.wire.topics import EVENT_TOPICS, Topic
from streams.worker.health import Health
from streams.worker.progress import MOST_BEHIND, StageProgress
from tests.streams.stages.actors.in_memory import Broker, MemoryJournal

EVENTS = {(topic.value, 0) for topic in EVENT_TOPICS}


async def nothing() -> None:
    """Do what a membership does when nothing is told or written."""


class Place(NamedTuple):
    topic: str
    partition: int


class Client:
    """Has partitions of outcomes that end where it is told."""

    def __init__(self) -> None:
        self.ends = {0: 0, 1: 0}
        self.held: frozenset[tuple[str, int]] = frozenset()

    def assignment(self) -> set[Any]:
        events = {Place(topic.value, 0) for topic in EVENT_TOPICS}
        return {Place("outcomes", 0), Place("outcomes", 1), *events}

    def highwater(self, tp: Any) -> int | None:  # noqa: ANN401 - as the protocol has it
        return self.ends[tp.partition] if tp.topic == "outcomes" else None

    def readable_end(self, tp: Any) -> int | None:  # noqa: ANN401 - as the protocol has it
        return self.highwater(tp)

    def hold(self, places: Iterable[tuple[str, int]]) -> None:
        self.held = frozenset(places)

    async def earliest_offsets(self, *partitions: Any) -> Mapping[Any, int]:  # noqa: ANN401 - as the protocol has it
        return dict.fromkeys(partitions, 0)


@pytest.mark.parametrize(
    ("behind", "holds"), [(0, False), (MOST_BEHIND, False), (MOST_BEHIND + 1, True)]
)
def test_events_wait_for_the_judges(behind: int, *, holds: bool) -> None:
    async def scene() -> None:
        metrics, client = Metrics(), Client()
        actor = partial(AgentsActor, Settings(), ledger_partitions=1, metrics=metrics)
        plan = StagePlan("agents", (Topic.OUTCOMES,), Topic.AGENTS_STATE, actor)
        runner = StageRunner(plan, MemoryJournal(Broker(1, ())), metrics, flush_every=1.0)
        topics = {topic.value: (topic, runner) for topic in (*EVENT_TOPICS, Topic.OUTCOMES)}
        health = Health(["agents"], 60.0)
        runner.assign([0], 1)
        health.assigned("agents", [0])
        await runner.turn(lambda _: {}, Membership(nothing, nothing))
        progress = StageProgress(topics, health, metrics)
        client.ends[0] = behind
        await progress.look(client)
        assert (client.held == EVENTS) is holds
        client.ends[0] = 0
        await progress.look(client)
        assert not client.held

    asyncio.run(scene())


class Agents:
    """A stage of which every actor may have enough."""

    def __init__(self, partition: int) -> None:
        self.is_full = partition == 1
        self.wrong: list[TopicComplaint] = []

    def complaints(self) -> Sequence[TopicComplaint]:
        return self.wrong

    def apply(self, topic: Topic, records: Sequence[KafkaRecord]) -> Sequence[Unusable]:
        """Take nothing."""
        del topic, records
        return ()

    def tick(self, idle: Mapping[Topic, float], now: float) -> bool:
        del idle, now
        return False

    def outputs(self) -> list[Output]:
        return []

    def capture(self, number: int) -> Capture:
        return Capture((), b"", number)

    def restore(self, rest: bytes, segments: Sequence[bytes]) -> None:
        """Restore nothing."""


def test_a_stage_that_has_enough_is_given_no_more_than_what_it_waits_for() -> None:
    async def scene() -> None:
        metrics, client = Metrics(), Client()
        inputs = (Topic.OUTCOMES, Topic.PEER_EXPECTATIONS)
        plan = StagePlan("agents", inputs, Topic.AGENTS_STATE, Agents)
        runner = StageRunner(plan, MemoryJournal(Broker(1, ())), metrics, flush_every=1.0)
        topics = {topic.value: (topic, runner) for topic in (*EVENT_TOPICS, *inputs)}
        health = Health(["agents"], 60.0)
        progress = StageProgress(topics, health, metrics)
        # The other one may have to take what the full one waits for.
        for partitions, held in ([0], set()), ([0, 1], {("outcomes", 1)}):
            runner.assign(partitions, 1)
            health.assigned("agents", partitions)
            await runner.turn(lambda _: {}, Membership(nothing, nothing))
            await progress.look(client)
            assert client.held == held
        # What it is not given is no reason to keep events from the ledgers, which may have to tell
        # the other one what it waits for; what the other one has still to take is.
        client.ends[1] = 10 * MOST_BEHIND
        await progress.look(client)
        assert client.held == {("outcomes", 1)}
        client.ends[0] = MOST_BEHIND + 1
        await progress.look(client)
        assert client.held == {*EVENTS, ("outcomes", 1)}
        # Of what it may take again some is left, which is no reason to keep it from it.
        client.ends[0] = client.ends[1] = MOST_BEHIND // 2
        for actor in runner.actors().values():
            actor.is_full = False
        await progress.look(client)
        assert client.held == EVENTS
        client.ends[0] = client.ends[1] = 0
        await progress.look(client)
        assert not client.held

    asyncio.run(scene())


def test_a_worker_is_not_ready_while_a_topic_cannot_be_believed() -> None:
    async def scene() -> None:
        metrics, client = Metrics(), Client()
        plan = StagePlan("agents", (Topic.OUTCOMES,), Topic.AGENTS_STATE, Agents)
        runner = StageRunner(plan, MemoryJournal(Broker(1, ())), metrics, flush_every=1.0)
        topics = {topic.value: (topic, runner) for topic in (*EVENT_TOPICS, Topic.OUTCOMES)}
        health = Health(["agents"], 60.0)
        progress = StageProgress(topics, health, metrics)
        runner.assign([0, 1], 1)
        health.assigned("agents", [0, 1])
        await runner.turn(lambda _: {}, Membership(nothing, nothing))
        wrong = [
            TopicComplaint(Topic.OUTCOMES, "most are refused", "Mend it"),
            TopicComplaint(Topic.OUTCOMES, "many are misplaced", "Place them"),
        ]
        runner.actors()[1].wrong = wrong
        await progress.look(client)
        told = health.readiness().complaints
        assert [(one.topic, one.partition, one.what, one.remedy) for one in told] == [
            ("outcomes", 1, f"outcomes, partition 1: {one.what}", one.remedy) for one in wrong
        ]
        assert health.liveness().ok
        runner.actors()[1].wrong = wrong[1:]
        await progress.look(client)
        assert [one.remedy for one in health.readiness().complaints] == ["Place them"]
        # Another worker has it now, and reports what is wrong with it.
        await runner.release(Membership(nothing, nothing))
        runner.assign([0], 2)
        health.assigned("agents", [0])
        await runner.turn(lambda _: {}, Membership(nothing, nothing))
        await progress.look(client)
        assert health.readiness().ok

    asyncio.run(scene())
