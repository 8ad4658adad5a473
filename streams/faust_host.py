"""Hosts the stages on Faust, which owns the consumer group, the assignment and the fetching.

What is relied on, and why (faust-streaming 0.15.3, pinned exactly):

- Streams without automatic acknowledgement: stock Faust acknowledges an event even if its agent
  raised. Here an event is acknowledged by hand, in order, once its outputs and the state that
  includes it are with the broker.
- One reader per stage, all partitions in one loop: with several, stock Faust commits past an event
  still in work.
- State lives in changelog topics of our own (`streams.stage_runner`): Faust's tables write one
  record per event, and count twice after a crash.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import faust
from faust.streams import Stream
from faust.types import EventT, StreamT

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


class FaustHost:
    """A Faust application whose agents feed the stage runners.

    Parameters
    ----------
    settings
        The broker and the group.
    runners
        The stages.
    data_folder
        A folder for the little that Faust keeps on disk.
    on_failure
        Called with the error when a stage cannot go on; nothing of its turn was acknowledged.
    """

    def __init__(
        self,
        settings: HostSettings,
        runners: Sequence[StageRunner[Any]],
        data_folder: Path,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._prefix: Final = settings.topic_prefix
        self._runners: Final = runners
        self._on_failure: Final = on_failure
        self._silence: Final = Silence()
        self._tasks: list[asyncio.Task[None]] = []
        self._app: Final = faust.App(
            f"{settings.topic_prefix}{settings.group}",
            broker=[f"kafka://{address}" for address in settings.broker.split(",")],
            store="memory://",
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
        self._tasks = [asyncio.create_task(self._turns(runner)) for runner in self._runners]
        self._tasks.append(asyncio.create_task(self._looks()))

    async def stop(self) -> None:
        """Write what is unwritten, commit, and leave the group."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for runner in self._runners:
            await runner.release()
        await self._app.consumer.commit()
        await self._app.stop()

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
        self._silence.delivered(topic, message.partition, message.offset)
        await runner.deliver(
            Record(topic, message.partition, message.offset, message.key, message.value), event.ack
        )

    async def _turns(self, runner: StageRunner[Any]) -> None:
        try:
            while True:
                await runner.wait_for_work(TICK_SECONDS)
                await asyncio.sleep(GATHER_SECONDS)
                await runner.turn(lambda partition: self._idle(runner, partition))
        except Exception as error:  # noqa: BLE001 - whatever it is, the worker must stop over it
            self._on_failure(error)

    async def _looks(self) -> None:
        """Look now and then how far each assigned partition has been read."""
        while True:
            await asyncio.sleep(TICK_SECONDS)
            for place in self._app.consumer.assignment():
                known = self._places.get(place.topic)
                if known is not None:
                    position = await self._app.consumer.position(place)
                    end = self._app.consumer.highwater(place)
                    self._silence.look(known[0], place.partition, position, end)

    def _idle(self, runner: StageRunner[Any], partition: int) -> Mapping[Topic, float]:
        return {topic: self._silence.seconds(topic, partition) for topic in runner.plan.inputs}

    async def _assigned(self, *told: Any, **_: Any) -> None:  # noqa: ANN401 - Faust's signature
        _, assigned = told
        for runner in self._runners:
            names = {topic_name(self._prefix, topic) for topic in runner.plan.inputs}
            runner.assign({place.partition for place in assigned if place.topic in names})

    async def _revoked(self, *_: Any, **__: Any) -> None:  # noqa: ANN401 - Faust's signature
        self._silence.forget()
        for runner in self._runners:
            await runner.release()
