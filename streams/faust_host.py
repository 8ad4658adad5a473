"""Hosts the stages on Faust, which owns the consumer group, the assignment and the fetching.

What is relied on, and why (faust-streaming 0.15.3, pinned exactly):

- Streams without automatic acknowledgement: stock Faust acknowledges an event even if its agent
  raised. Here an event is acknowledged by hand, in order, once its outputs and the state that
  includes it are with the broker.
- One reader per stage, all partitions in one loop: with several, stock Faust commits past an event
  still in work.
- Faust's own assignor, which it takes while ``table_standby_replicas`` is above 0: partitions of
  the same number, of all topics with as many partitions, go to the same worker.
- Records carry the generation of the assignment under which they were fetched: those of an earlier
  one are still on their way through Faust when the next begins.
- State lives in changelog topics of our own (`streams.stage_runner`): Faust's tables write one
  record per event, and count twice after a crash.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import faust
from aiokafka.errors import IllegalStateError, KafkaError
from faust.streams import Stream
from faust.types import TP, EventT, StreamT

from detectors.errors import AboveboardError
from streams.actors.actor import Record
from streams.faust_transport import ShortFetchTransport
from streams.host_settings import HostSettings
from streams.silence import Silence
from streams.stage_runner import StageRunner
from streams.topic_catalogue import Topic, topic_name

GATHER_SECONDS: Final = 0.005
"""How long a stage that was woken waits for more records."""

TICK_SECONDS: Final = 0.25
"""How often a stage turns, and partitions are looked at, when nothing arrives."""

PROBE_SECONDS: Final = 2.0
"""How often the broker is asked whether it is there."""

TURN_SECONDS: Final = 10.0
"""How long a turn may take to its end when the worker stops."""

_log: Final = logging.getLogger("aboveboard.worker")


class BrokerGone(AboveboardError):
    """The broker has not answered for longer than the settings allow."""


class EngineFailure(AboveboardError):
    """Faust gave up; the cause says why."""


class FaustHost:
    """A Faust application whose agents feed the stage runners.

    Parameters
    ----------
    settings
        The broker and the group.
    runners
        The stages.
    probe
        Asks the broker for an answer; raises KafkaError if none comes.
    data_folder
        A folder for the little that Faust keeps on disk.
    on_failure
        Called with the error when a stage cannot go on; nothing of its turn was acknowledged.
    """

    def __init__(
        self,
        settings: HostSettings,
        runners: Sequence[StageRunner[Any]],
        probe: Callable[[], Awaitable[None]],
        data_folder: Path,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._prefix: Final = settings.topic_prefix
        self._runners: Final = runners
        self._probe: Final = probe
        self._patience: Final = settings.broker_patience
        self._on_failure: Final = on_failure
        self._silence: Final = Silence()
        self._earliest: dict[TP, int] = {}
        self._stopping = False
        self._turning: list[asyncio.Task[None]] = []
        self._watching: list[asyncio.Task[None]] = []
        self._app: Final = faust.App(
            f"{settings.topic_prefix}{settings.group}",
            broker=[f"kafka://{address}" for address in settings.broker.split(",")],
            store="memory://",
            table_standby_replicas=1,
            datadir=data_folder,
            web_enabled=False,
            topic_disable_leader=True,
            stream_wait_empty=False,
            consumer_auto_offset_reset="earliest",
            broker_session_timeout=settings.session_timeout,
            broker_heartbeat_interval=settings.session_timeout / 4,
            broker_commit_interval=1.0,
        )
        self._app.transport = ShortFetchTransport(self._app.conf.broker_consumer, self._app)
        self._places: Final = {
            topic_name(self._prefix, topic): (topic, runner)
            for runner in runners
            for topic in runner.plan.inputs
        }
        for runner in runners:
            self._add_agent(runner)
        self._app.on_partitions_assigned.connect(self._assigned)
        self._app.on_partitions_revoked.connect(self._revoked)

    async def start(self) -> None:
        """Join the group and begin to read."""
        for name in ("faust", "aiokafka", "mode"):
            # Faust leaves these at DEBUG, which costs an eighth of its time.
            logging.getLogger(name).setLevel(logging.WARNING)
        await self._app.start()
        self._turning = [self._begin(self._turns(runner)) for runner in self._runners]
        self._watching = [self._begin(self._look_around()), self._begin(self._watch_broker())]

    async def stop(self) -> None:
        """Write what is unwritten, commit, and leave the group.

        Raises
        ------
        aiokafka.errors.KafkaError
            If the last state could not be written.
        """
        self._stopping = True
        await asyncio.wait(self._turning, timeout=TURN_SECONDS)
        for task in (*self._turning, *self._watching):
            task.cancel()
        await asyncio.gather(*self._turning, *self._watching, return_exceptions=True)
        for runner in self._runners:
            await runner.release()
        await self._app.consumer.commit()
        await self._app.stop()

    def _begin(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let `work` run beside the rest; the worker stops over its failure."""

        async def watched() -> None:
            try:
                await work
            except Exception as error:  # noqa: BLE001 - whatever it is, the worker must stop
                self._on_failure(error)

        return asyncio.create_task(watched())

    def _add_agent(self, runner: StageRunner[Any]) -> None:
        names = [topic_name(self._prefix, topic) for topic in runner.plan.inputs]
        channel = self._app.topic(
            *names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
        )

        async def read(stream: StreamT[Any]) -> None:
            if not isinstance(stream, Stream):
                raise TypeError(f"Faust gave a {type(stream).__name__} for a stream")
            async for event in stream.noack().events():
                await self._deliver(runner, event)

        self._app.agent(channel, name=f"aboveboard.{runner.plan.name}", concurrency=1)(read)

    async def _deliver(self, runner: StageRunner[Any], event: EventT[bytes]) -> None:
        message = event.message
        topic, _ = self._places[message.topic]
        record = Record(topic, message.partition, message.offset, message.key, message.value)
        await runner.deliver(record, message.generation_id or 0, event.ack)

    async def _turns(self, runner: StageRunner[Any]) -> None:
        while not self._stopping:
            await runner.wait_for_work(TICK_SECONDS)
            await asyncio.sleep(GATHER_SECONDS)
            await runner.turn(lambda partition: self._idle(runner, partition))

    async def _look_around(self) -> None:
        """Look now and then how far each partition has been read, and whether Faust is well."""
        while not self._app.crashed:
            await asyncio.sleep(TICK_SECONDS)
            # Partitions may be taken away at any moment: the next look will see which are left.
            with suppress(IllegalStateError):
                for place in self._app.consumer.assignment():
                    await self._look(place)
        raise EngineFailure(f"Faust gave up: {self._app.crash_reason}") from self._app.crash_reason

    async def _look(self, place: TP) -> None:
        topic, runner = self._places.get(place.topic, (None, None))
        actor = None if runner is None else runner.actors().get(place.partition)
        if topic is None or actor is None:
            return
        reached = actor.reached(topic)
        if reached is None:
            if place not in self._earliest:
                self._earliest.update(await self._app.consumer.earliest_offsets(place))
            reached = self._earliest[place]
        self._silence.look(topic, place.partition, reached, self._app.consumer.highwater(place))

    async def _watch_broker(self) -> None:
        """Ask the broker for an answer now and then: the clients would wait for one for ever."""
        heard = time.monotonic()
        while time.monotonic() - heard < self._patience:
            await asyncio.sleep(PROBE_SECONDS)
            try:
                await asyncio.wait_for(self._probe(), self._patience)
            except (KafkaError, TimeoutError):
                _log.warning("the broker does not answer")
            else:
                heard = time.monotonic()
        raise BrokerGone(f"the broker has not answered for {self._patience:g} s")

    def _idle(self, runner: StageRunner[Any], partition: int) -> Mapping[Topic, float]:
        return {topic: self._silence.seconds(topic, partition) for topic in runner.plan.inputs}

    async def _assigned(self, *told: Any, **_: Any) -> None:  # noqa: ANN401 - Faust's signature
        _, assigned = told
        for runner in self._runners:
            names = {topic_name(self._prefix, topic) for topic in runner.plan.inputs}
            runner.assign(
                {place.partition for place in assigned if place.topic in names},
                self._app.consumer_generation_id,
            )

    async def _revoked(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Faust's signature
        for runner in self._runners:
            await runner.release()
        self._silence.forget()
        self._earliest.clear()
