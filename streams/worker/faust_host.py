"""Hosts the stages on Faust, which owns the consumer group, the assignment and the fetching.

What is relied on, and why (faust-streaming 0.15.3, pinned exactly):

- The transport of `streams.broker.transport`: one event per fetched batch, and offsets are
  committed when we say so, never before.
- Faust's own assignor, which it takes while ``table_standby_replicas`` is above 0: partitions of
  the same number, of all topics with as many partitions, go to the same worker.
- Batches carry the generation of the assignment under which they were fetched: those of an earlier
  one are still on their way through Faust when the next begins.
- State lives in changelog topics of our own (`streams.stages.state`): Faust's tables write one
  record per event, and count twice after a crash.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import faust
from faust.streams import Stream
from faust.types import StreamT

from streams.broker.client_errors import IllegalStateError, KafkaError
from streams.broker.security import BrokerSecurity
from streams.broker.transport.batch import FetchedBatch
from streams.broker.transport.consumer import BatchConsumer
from streams.broker.transport.schema import batch_topic
from streams.broker.transport.transport import credentials
from streams.config.host import HostSettings
from streams.errors import MembershipLost
from streams.metrics.registry import Metrics
from streams.stages.plan import Membership
from streams.stages.runner import StageRunner
from streams.wire.topics import topic_name
from streams.worker.batches import as_stages_take_it
from streams.worker.bounds import bounds_of
from streams.worker.broker_watch import BrokerWatch
from streams.worker.faust_crash import reason_behind, until_it_gives_up
from streams.worker.health import Health
from streams.worker.progress import StageProgress

GATHER_SECONDS: Final = 0.002
"""How long a stage that was woken waits for more records."""

TICK_SECONDS: Final = 0.25
"""How often a stage turns, and partitions are looked at, when nothing arrives."""

TURN_SECONDS: Final = 10.0
"""How long a turn may take to its end when the worker stops."""

HURRY_SECONDS: Final = 1.5
"""How long a worker that failed tries to leave the group."""

MOST_BETWEEN_HEARTBEATS: Final = 3.0
"""Seconds; a member learns of a rebalance by its next heartbeat, and all others wait for it."""

SURE_SECONDS: Final = 5.0
"""How long a worker that has not heard of its group for a session waits to hear of it."""

_log: Final = logging.getLogger("aboveboard.worker")


class FaustHost:
    """A Faust application whose agents feed the stage runners.

    Parameters
    ----------
    settings
        The broker and the group.
    security
        TLS and user for the broker.
    runners
        The stages.
    probe
        Asks the broker for an answer; raises KafkaError if none comes.
    health, metrics
        What the progress of the partitions is reported to.
    data_folder
        A folder for the little that Faust keeps on disk.
    on_failure
        Called with the error when a stage cannot go on; nothing of its turn was acknowledged.
    """

    def __init__(
        self,
        settings: HostSettings,
        security: BrokerSecurity,
        runners: Sequence[StageRunner[Any]],
        probe: Callable[[], Awaitable[None]],
        health: Health,
        metrics: Metrics,
        data_folder: Path,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._prefix: Final = settings.topic_prefix
        self._runners: Final = runners
        self._broker_watch: Final = BrokerWatch(probe, settings.broker_patience, health)
        self._health: Final = health
        self._session: Final = settings.session_timeout
        self._on_failure: Final = on_failure
        self._membership: Final = Membership(
            self._confirm_membership,
            self._commit,
            lambda reached: bounds_of(reached, self._prefix, self._consumer.bounds),
        )
        self._committing: Final = asyncio.Lock()
        self._stopping = False
        self._abandoned = False
        self._turning: list[asyncio.Task[None]] = []
        self._watching: list[asyncio.Task[None]] = []
        self._app: Final = faust.App(
            f"{settings.topic_prefix}{settings.group}",
            broker=[f"aboveboard://{address}" for address in settings.broker.split(",")],
            broker_credentials=credentials(security),
            store="memory://",
            table_standby_replicas=1,
            datadir=data_folder,
            web_enabled=False,
            topic_disable_leader=True,
            stream_wait_empty=False,
            broker_session_timeout=settings.session_timeout,
            broker_heartbeat_interval=min(settings.session_timeout / 4, MOST_BETWEEN_HEARTBEATS),
        )
        self._topics: Final = {
            topic_name(self._prefix, topic): (topic, runner)
            for runner in runners
            for topic in runner.plan.inputs
        }
        self._progress: Final = StageProgress(self._topics, health, metrics)
        self.places: Final = self._progress.places
        for runner in runners:
            self._add_agent(runner)
        self._app.on_partitions_assigned.connect(self._assigned)
        self._app.on_partitions_revoked.connect(self._revoked)

    async def start(self) -> None:
        """Join the group and begin to read."""
        for name in ("faust", "aiokafka", "mode"):
            # Faust leaves these at DEBUG, which costs an eighth of its time.
            logging.getLogger(name).setLevel(logging.WARNING)
        # Faust may give up before it has started, and would then never say that it has.
        self._watching = [
            self._begin(self._broker_watch.run()),
            self._begin(until_it_gives_up(self._app)),
        ]
        await self._app.start()
        self._turning = [self._begin(self._turns(runner)) for runner in self._runners]
        self._watching.append(self._begin(self._look_around()))

    async def stop(self) -> None:
        """Write what is unwritten, commit, and leave the group.

        Raises
        ------
        aiokafka.errors.KafkaError, MembershipLost
            If the last state could not be written.
        """
        self._stopping = True
        try:
            if self._turning:
                await asyncio.wait(self._turning, timeout=TURN_SECONDS)
            await self._cancel()
            # Once more: what a short run had to go without came after its last look.
            self._progress.note()
            for runner in self._runners:
                await runner.release(self._membership)
                runner.close()
        finally:
            await self._app.stop()

    async def abandon(self) -> None:
        """End after a failure: write nothing, and leave the group as fast as possible."""
        self._stopping = self._abandoned = True
        await self._cancel()
        self._progress.note()
        self._consumer.hurry(HURRY_SECONDS)
        await self._app.stop()

    def reason_behind(self, failure: BaseException) -> BaseException:
        """Return why the worker ends, which Faust may have told after `failure`; ask it last."""
        return reason_behind(failure, self._app)

    async def _cancel(self) -> None:
        tasks = [*self._turning, *self._watching]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run `work` as a task; the worker stops if it fails."""

        async def watched() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker must stop
                self._on_failure(error)

        return asyncio.create_task(watched())

    def _add_agent(self, runner: StageRunner[Any]) -> None:
        names = [topic_name(self._prefix, topic) for topic in runner.plan.inputs]

        async def read(stream: StreamT[FetchedBatch]) -> None:
            if not isinstance(stream, Stream):
                raise TypeError(f"Faust passed a {type(stream).__name__} for a stream")
            async for event in stream.noack().events():
                await self._deliver(runner, event.value)

        channel = batch_topic(self._app, *names)
        self._app.agent(channel, name=f"aboveboard.{runner.plan.name}", concurrency=1)(read)

    async def _deliver(self, runner: StageRunner[Any], fetched: FetchedBatch) -> None:
        topic, _ = self._topics[fetched.topic]
        await runner.deliver(as_stages_take_it(topic, fetched))

    async def _confirm_membership(self) -> None:
        """Return if no other worker can own our partitions.

        A worker that was frozen, or cut off, finds out here. We count from when the last heartbeat
        that was answered left, the broker from when it arrived: by its clock we have longer.

        Raises
        ------
        MembershipLost
            If the broker does not say within seconds that we still belong to the group.
        """
        consumer = self._consumer
        until = time.monotonic() + SURE_SECONDS
        while consumer.seconds_since_heartbeat() > self._session:
            if time.monotonic() > until:
                raise MembershipLost(
                    f"the group has not been heard of for {consumer.seconds_since_heartbeat():.0f} "
                    f"s, longer than the session of {self._session:g} s: another worker may have "
                    "these partitions. Start this one again"
                )
            await asyncio.sleep(TICK_SECONDS)

    @property
    def _consumer(self) -> BatchConsumer:
        consumer = self._app.consumer
        if not isinstance(consumer, BatchConsumer):
            raise TypeError(f"Faust made a {type(consumer).__name__}")
        return consumer

    async def _commit(self) -> None:
        async with self._committing:
            await self._consumer.commit_finished()

    async def _turns(self, runner: StageRunner[Any]) -> None:
        while not self._stopping:
            await runner.wait_for_work(TICK_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
            await runner.turn(
                lambda partition: self._progress.idle(runner, partition), self._membership
            )
            self._progress.balance(self._consumer)

    async def _look_around(self) -> None:
        """Look now and then how far each partition has been read."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            # Partitions may be taken away at any moment: the next look will see which are left.
            with suppress(IllegalStateError):
                await self._progress.look(self._consumer)

    async def _assigned(self, *arguments: Any, **_: Any) -> None:  # noqa: ANN401 - Faust's signature
        _, assigned = arguments
        for runner in self._runners:
            names = {topic_name(self._prefix, topic) for topic in runner.plan.inputs}
            partitions = {one.partition for one in assigned if one.topic in names}
            runner.assign(partitions, self._app.consumer_generation_id)
            self._health.assigned(runner.plan.name, partitions)

    async def _revoked(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Faust's signature
        for runner in self._runners:
            self._health.revoked(runner.plan.name)
            if self._abandoned:
                continue  # a worker that failed writes nothing more
            try:
                await runner.release(self._membership)
            except (KafkaError, MembershipLost) as error:
                self._on_failure(error)
        self._progress.forget()
