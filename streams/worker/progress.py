"""How far each partition of a stage has been applied, and for how long nothing was left of it."""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from streams.metrics.registry import Metrics
from streams.stages.runner import StageRunner
from streams.wire.topics import EVENT_TOPICS, Topic
from streams.worker.findings import Finding
from streams.worker.health import Health
from streams.worker.idle_time import IdleTime
from streams.worker.installation.judgement import Place
from streams.worker.notes import LOST, OPEN, UNSEEN, OpenTransactions, hole_notes, unseen_notes

MOST_BEHIND: Final = 200
"""Records, each with up to 2,000 outcomes, after which the judging stages are far behind."""


_log: Final = logging.getLogger("aboveboard.worker")


class TopicPartition(Protocol):
    """A partition of a topic, as the client names it."""

    @property
    def topic(self) -> str:
        """The name, with the prefix of the installation."""

    @property
    def partition(self) -> int:
        """The number."""


class Consumer(Protocol):
    """What is asked of the client that fetches."""

    def assignment(self) -> set[Any]:
        """Return the partitions assigned to it."""

    def highwater(self, tp: Any) -> int | None:  # noqa: ANN401 - each client has its own type for it
        """Return the offset after the last record, as far as it is known."""

    def readable_end(self, tp: Any) -> int | None:  # noqa: ANN401 - as above
        """Return the offset up to which it can be read: that of an open transaction, or the end."""

    def hold(self, partitions: Iterable[tuple[str, int]]) -> None:
        """Fetch nothing of exactly these partitions until the next call."""

    async def earliest_offsets(self, *partitions: Any) -> Mapping[Any, int]:  # noqa: ANN401 - as above
        """Return the offset of the first record that is still there."""


class StageProgress:
    """Looks now and then, and reports to health and metrics.

    Parameters
    ----------
    topics
        By the name with its prefix: what it is, and the stage that reads it.
    health, metrics
        What it reports to.
    """

    def __init__(
        self,
        topics: Mapping[str, tuple[Topic, StageRunner[Any]]],
        health: Health,
        metrics: Metrics,
    ) -> None:
        self._topics: Final = topics
        self._health: Final = health
        self._metrics: Final = metrics
        self._events: Final = frozenset(
            name for name, (topic, _) in topics.items() if topic in EVENT_TOPICS
        )
        self._runners: Final = list(dict.fromkeys(runner for _, runner in topics.values()))
        self._idle_time: Final = IdleTime()
        self._open_transactions: Final = OpenTransactions()
        self._earliest: dict[TopicPartition, int] = {}
        self._lags: dict[tuple[str, int], int] = {}
        self._events_wait = False
        self._places: dict[tuple[str, int], Place] = {}

    def places(self) -> Mapping[tuple[str, int], Place]:
        """Return where the partitions of this worker stood at the last look, by name and number."""
        return dict(self._places)

    async def look(self, consumer: Consumer) -> None:
        """Look at every partition that this worker owns.

        Raises
        ------
        aiokafka.errors.IllegalStateError
            If one of them was taken away meanwhile; the next look will see which are left.
        """
        for topic_partition in consumer.assignment():
            await self._look(consumer, topic_partition)
        for _, runner in self._topics.values():
            for partition in runner.assigned:
                if runner.has(partition):
                    self._health.restored(runner.plan.name, partition)
        self._report()
        self.note()
        self.balance(consumer)
        self._health.beat()

    def _report(self) -> None:
        """Report what is wrong with the topics that are read: the worker is not ready then."""
        for runner in self._runners:
            found = [
                # The log tells the sentence alone, so the place stands in it as well.
                Finding(
                    f"{one.topic}, partition {partition}: {one.what}",
                    one.remedy,
                    one.topic,
                    partition,
                )
                for partition, actor in sorted(runner.actors().items())
                for one in actor.complaints()
            ]
            self._health.findings.report(runner.plan.name, found)

    def note(self) -> None:
        """Tell what people should know, and write to the log what is lost once."""
        lost = hole_notes(self._runners)
        for note in lost:
            if note not in self._health.notes(LOST):
                _log.warning("%s", note)
        self._health.note(LOST, lost)
        unseen = unseen_notes(self._runners)
        for note in unseen:
            if note not in self._health.notes(UNSEEN):
                _log.warning("%s", note)
        self._health.note(UNSEEN, unseen)
        self._health.note(OPEN, self._open_transactions.notes())

    def idle(self, runner: StageRunner[Any], partition: int) -> Mapping[Topic, float]:
        """Return the seconds for which each input topic of a partition has had nothing left."""
        return {topic: self._idle_time.seconds(topic, partition) for topic in runner.plan.inputs}

    def forget(self) -> None:
        """Forget everything: the partitions have been released."""
        self._idle_time.forget()
        self._open_transactions.forget()
        self._earliest.clear()
        self._lags.clear()
        self._places.clear()

    def balance(self, consumer: Consumer) -> None:
        """Hold back the events while the judging stages lag, and the input of actors that are full.

        Partition by partition: what one waits for, another may have still to apply. And events do
        not wait for a full one: after a crash a ledger may have to send another partition once more
        what the full one has received already, and holding it would wait for ever.

        All partitions share a client, in which a dozen of events leave too little to the one of
        outcomes: under a lasting load alerts would come later and later.
        """
        full = {
            (name, partition)
            for name, (topic, runner) in self._topics.items()
            if topic is runner.plan.inputs[0]  # what it is full of; it waits for the others
            for partition, actor in runner.actors().items()
            if actor.is_full
        }
        behind = max(
            (
                lag
                for (topic, partition), lag in self._lags.items()
                if topic not in self._events and (topic, partition) not in full
            ),
            default=0,
        )
        # Two thresholds: with one, each look would hold and release in turn.
        if behind > MOST_BEHIND:
            self._events_wait = True
        elif behind < MOST_BEHIND // 4:
            self._events_wait = False
        if self._events_wait:
            assigned = (
                (topic_partition.topic, topic_partition.partition)
                for topic_partition in consumer.assignment()
            )
            full.update(
                topic_partition
                for topic_partition in assigned
                if topic_partition[0] in self._events
            )
        consumer.hold(full)

    async def _look(self, consumer: Consumer, topic_partition: TopicPartition) -> None:
        topic, runner = self._topics.get(topic_partition.topic, (None, None))
        partition = topic_partition.partition
        if topic is None or runner is None or not runner.has(partition):
            return
        reached = runner.reached(topic, partition)
        if reached is None:
            if topic_partition not in self._earliest:
                self._earliest.update(await consumer.earliest_offsets(topic_partition))
            reached = self._earliest[topic_partition]
        end = consumer.highwater(topic_partition)
        self._places[topic_partition.topic, partition] = Place(reached, end)
        readable = consumer.readable_end(topic_partition)
        # A transaction that is open holds back what follows it. Nothing can be done about it, so it
        # is no lag; but it may still bring events, so its topic is not silent either.
        self._idle_time.look(topic, partition, reached, end)
        self._open_transactions.look(topic_partition.topic, partition, readable, end)
        lag = self._health.look(runner.plan.name, topic, partition, reached, readable)
        self._metrics.lag(runner.plan.name, topic, partition, lag)
        self._lags[topic_partition.topic, partition] = lag or 0
