"""The thread that owns the Kafka client: it fetches, seeks and commits.

Faust runs the client in a thread and an event loop of its own, so that heartbeats go on while a
stage works. Everything that touches the client's internals happens here, in that loop: the client
has no locks, and a call from the worker's loop could see it between two of its steps. Public
methods are called in the worker's loop and hand a coroutine over (`_ask`); it is the coroutine with
the underscore that runs here.
"""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from typing import Any, Final, TypeVar

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer.fetcher import FetchError
from aiokafka.errors import ConsumerStoppedError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Transport
from mode.threads import WorkerThread

from streams.broker.batches.checked import LARGEST_FETCH_UNPACKED, CorruptBatch
from streams.broker.batches.clients import guard_aiokafka
from streams.broker.transport.asking import is_out_of_range, log_bounds, start_of_log
from streams.broker.transport.batch import FetchedRecords, RecordFilter, Stretch
from streams.broker.transport.committing import commit, confirm
from streams.broker.transport.known_ends import known_ends
from streams.broker.transport.offsets import PartitionId
from streams.broker.transport.schema import refuse_unsuitable
from streams.broker.transport.second_look import SecondLook
from streams.broker.transport.stopping import StoppingThread, stop_client
from streams.broker.transport.unpacking import Unpacked, unpack
from streams.stages.log_bounds import LogBounds

LONGEST_FETCH_MILLISECONDS: Final = 20
"""How long the broker may hold an empty fetch.

Faust asks for 1.5 s, and the client has one fetch under way per broker: a topic whose records have
all been handed out waits for it. Stages that answer each other would wait hundreds of times.
"""

LARGEST_FETCH: Final = 2 * 1024 * 1024
"""Bytes of one fetch, all partitions: some 7,000 records, so that none waits long for the others.

A single record above this is fetched all the same.
"""

LARGEST_PARTITION_FETCH: Final = 512 * 1024
"""Bytes of one partition in one fetch: a little less than a full batch of usual records."""

LEAVE_SECONDS: Final = 8.0
"""How long a worker that stops in order tries to leave the group."""

_Answer = TypeVar("_Answer")


class BatchThread(AIOKafkaConsumerThread):
    """The thread of a `BatchConsumer`."""

    Worker: type[WorkerThread] = StoppingThread

    def __init__(self, owner: Any, **options: Any) -> None:  # noqa: ANN401 - Faust's signature
        super().__init__(owner, **options)
        self.seconds_to_leave = LEAVE_SECONDS
        self._owner: Final[RecordFilter] = owner
        self._heard_at = -math.inf
        self._again: asyncio.Future[None] | None = None
        self._second_look: Final = SecondLook()

    def _create_worker_consumer(self, transport: Transport) -> AIOKafkaConsumer:
        refuse_unsuitable(self.app)
        guard_aiokafka()
        client = super()._create_worker_consumer(transport)
        # Faust would read what is aborted later, too.
        client._isolation_level = "read_committed"  # noqa: SLF001 - see the contract
        # The client would go elsewhere in silence when the broker no longer has what it asks for.
        # `_rewind` says for every partition where reading begins.
        client._auto_offset_reset = "none"  # noqa: SLF001 - see the contract
        client._fetch_max_wait_ms = LONGEST_FETCH_MILLISECONDS  # noqa: SLF001 - see the contract
        client._fetch_max_bytes = LARGEST_FETCH  # noqa: SLF001 - see the contract
        client._max_partition_fetch_bytes = min(  # noqa: SLF001 - see the contract
            client._max_partition_fetch_bytes,  # noqa: SLF001 - see the contract
            LARGEST_PARTITION_FETCH,
        )
        return client

    async def on_start(self) -> None:
        """Start the client, and note from then on when the group last knew this member."""
        await super().on_start()
        # The client does not say when it last heard from the group, and a frozen process has no
        # other way to learn that it may have been replaced. So its heartbeat is wrapped.
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001 - see the contract
        beat: Callable[[], Coroutine[Any, Any, bool]] = coordinator._do_heartbeat  # noqa: SLF001 - see the contract

        async def heartbeat() -> bool:
            sent = time.monotonic()
            answered = await beat()
            if answered:
                self._heard(sent)
            return answered

        coordinator._do_heartbeat = heartbeat  # noqa: SLF001 - see the contract

    async def on_thread_stop(self) -> None:
        """Leave the group in bounded time, and disconnect."""
        if self._consumer is not None:
            await stop_client(self._consumer, self.seconds_to_leave)
        await super().on_thread_stop()

    async def stop(self) -> None:
        """Stop the thread. One that failed has closed its loop, and cannot be asked to."""
        if not self.thread_loop.is_closed():
            await super().stop()

    def on_crash(self, msg: str, *fmt: Any, **kwargs: Any) -> None:  # noqa: ANN401 - mode's signature
        """Write nothing: the application gets the error, and the worker says why it ends."""

    def _heard(self, sent: float) -> None:
        # From when the question left, not from when the answer was read: the answer may have waited
        # for a frozen process. The broker counts from when the question came, so we err to the safe
        # side by the time it travelled.
        self._heard_at = max(self._heard_at, sent)

    def seconds_since_heartbeat(self) -> float:
        """Return the time since the last heartbeat that the broker answered with success."""
        return time.monotonic() - self._heard_at

    async def _ask(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Run `work` in the thread; results arrive in the order in which work was done there."""
        if self.should_stop or self.thread_loop.is_closed():
            work.close()
            raise ConsumerStoppedError
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self.thread_loop))

    # ------------------------------------------------------------------------------------- fetching

    def look_again(self) -> None:
        """Wake a `fetch` that waits: the owner may want more than before."""
        with suppress(RuntimeError):  # the thread has ended
            self.thread_loop.call_soon_threadsafe(self._look_again)

    def _look_again(self) -> None:
        if self._again is not None and not self._again.done():
            self._again.set_result(None)

    async def fetch(self, seconds: float) -> FetchedRecords:
        """Return all that the client has fetched; wait for something, at most so long."""
        return await self._ask(self._fetch(seconds))

    async def _fetch(self, seconds: float) -> FetchedRecords:
        client = self._ensure_consumer()
        fetcher = client._fetcher  # noqa: SLF001 - see the contract
        until = time.monotonic() + seconds
        with fetcher._subscriptions.fetch_context():  # noqa: SLF001 - see the contract
            while True:
                if client._closed or fetcher._closed:  # noqa: SLF001 - see the contract
                    raise ConsumerStoppedError
                if fetcher._fetch_task.done():  # noqa: SLF001 - see the contract
                    # The client's own routine has ended: nothing would ever be fetched again.
                    fetcher._fetch_task.result()  # noqa: SLF001 - see the contract
                    raise ConsumerStoppedError
                taken, corrupt = await self._pop_fetched(client, fetcher)
                remaining = until - time.monotonic()
                if taken or corrupt or remaining <= 0:
                    return FetchedRecords(self.app.consumer_generation_id, taken, corrupt)
                waiter = fetcher._create_fetch_waiter()  # noqa: SLF001 - see the contract
                self._again = asyncio.get_running_loop().create_future()
                await asyncio.wait(
                    [waiter, self._again],
                    timeout=remaining,
                    return_when=asyncio.FIRST_COMPLETED,
                )
                if waiter.done():
                    waiter.result()  # the client raises here if it may not read
                else:
                    waiter.cancel()

    async def _pop_fetched(
        self,
        client: AIOKafkaConsumer,
        fetcher: Any,  # noqa: ANN401 - aiokafka publishes no types
    ) -> tuple[dict[PartitionId, Stretch], dict[PartitionId, CorruptBatch]]:
        taken: dict[PartitionId, Stretch] = {}
        corrupt: dict[PartitionId, CorruptBatch] = {}
        room = LARGEST_FETCH_UNPACKED
        fetched = fetcher._records  # noqa: SLF001 - see the contract
        for topic_partition in list(fetched):
            if fetcher._subscriptions.reassignment_in_progress or room <= 0:  # noqa: SLF001 - see the contract
                break
            # To find the start of a log takes a while: much may have changed since the last round.
            if topic_partition not in fetched or not self._owner.is_wanted(topic_partition):
                continue
            result = fetched[topic_partition]
            if isinstance(result, FetchError) and is_out_of_range(result):
                del fetched[topic_partition]
                taken |= await self._begin_again(client, topic_partition, result)
                continue
            if isinstance(result, FetchError):
                # Raised only if nothing else would be lost with it; else at the next call.
                if not (taken or corrupt):
                    del fetched[topic_partition]
                    result.check_raise()
                continue
            if result.check_assignment(topic_partition) and result.has_more():
                since: int = result._partition_records.next_fetch_offset  # noqa: SLF001 - see the contract
                unpacked = self._unpack(topic_partition, result)
                room -= unpacked.decompressed
                until = unpacked.next_offset
                if unpacked.corrupt is not None:
                    corrupt[topic_partition] = unpacked.corrupt
                    until = unpacked.corrupt.first
                # Markers alone are delivered too: the state must know that it is past them.
                if until > since:
                    taken[topic_partition] = Stretch(since, until, unpacked.records)
            fetched.pop(topic_partition, None)
            # The client fetches again for a broker only when all it brought has been taken.
            fetcher._notify(fetcher._wait_consume_future)  # noqa: SLF001 - see the contract
        return taken, corrupt

    async def _begin_again(
        self, client: AIOKafkaConsumer, topic_partition: TopicPartition, error: FetchError
    ) -> dict[PartitionId, Stretch]:
        """Go on from where a log begins by now; return an empty stretch there.

        Whoever has the positions sees by it what was deleted, also where no record has come since.
        """
        asked = error._error.args[0][topic_partition]  # noqa: SLF001 - see the contract
        start = await start_of_log(client, topic_partition, asked)
        if not self._owner.is_wanted(topic_partition):  # any more
            return {}
        client.seek(topic_partition, start)
        return {topic_partition: Stretch(start, start, ())}

    def _unpack(
        self,
        topic_partition: TopicPartition,
        result: Any,  # noqa: ANN401 - aiokafka publishes no types
    ) -> Unpacked:
        buffered = result._partition_records  # noqa: SLF001 - see the contract
        state = result._assignment.state_value(topic_partition)  # noqa: SLF001 - see the contract
        buffered._records.end = state.highwater  # noqa: SLF001 - see the contract
        unpacked = self._second_look.at(topic_partition, unpack(buffered))
        buffered.next_fetch_offset = unpacked.next_offset
        result._update_position()  # noqa: SLF001 - see the contract
        return unpacked

    # -------------------------------------------------------------------------- seeks and commits

    async def rewind(self) -> None:
        """Go back to the commits of the group; without one, to the beginning of the log."""
        await self._ask(self._rewind())

    async def _rewind(self) -> None:
        client = self._ensure_consumer()
        coordinator = client._coordinator  # noqa: SLF001 - see the contract
        partitions = client.assignment()
        commits = await coordinator.fetch_committed_offsets(list(partitions))
        for topic_partition in partitions & commits.keys():
            client.seek(topic_partition, commits[topic_partition].offset)
        if new := partitions - commits.keys():
            await client.seek_to_beginning(*new)
        # Joining took as long as the slowest member: only a heartbeat shows that the membership is
        # fresh, and until then `seconds_since_heartbeat` would count from before the rebalance.
        await coordinator._do_heartbeat()  # noqa: SLF001 - see the contract

    async def bounds(
        self, reached: Mapping[PartitionId, int | None]
    ) -> dict[PartitionId, LogBounds]:
        """Return the bounds of some partitions; see `transport.asking.log_bounds`."""
        asked = {TopicPartition(*one): offset for one, offset in reached.items()}
        return await self._ask(log_bounds(self._ensure_consumer(), asked))

    def known_ends(self, topic_partition: PartitionId) -> tuple[int | None, int | None]:
        """Return the end of a partition, and of what can be read; see `transport.known_ends`."""
        return known_ends(self._ensure_consumer(), TopicPartition(*topic_partition))

    async def seek_now(self, offsets: Mapping[PartitionId, int]) -> None:
        """Go to these offsets."""
        await self._ask(self._seek_now(offsets))

    async def _seek_now(self, offsets: Mapping[PartitionId, int]) -> None:
        for topic_partition, offset in offsets.items():
            self._ensure_consumer().seek(TopicPartition(*topic_partition), offset)

    async def commit_at(
        self, generation: int, offsets: Mapping[PartitionId, int], seconds: float
    ) -> None:
        """Commit in the name of one generation; see `transport.committing.commit`."""
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001 - see the contract
        self._heard(await self._ask(commit(coordinator, generation, offsets, seconds)))

    async def confirm(self, generation: int, seconds: float) -> None:
        """Ask the group whether this worker is in it; see `transport.committing.confirm`."""
        coordinator = self._ensure_consumer()._coordinator  # noqa: SLF001 - see the contract
        await self._ask(confirm(coordinator, generation, seconds))
