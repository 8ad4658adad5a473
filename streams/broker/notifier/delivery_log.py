"""The log of deliveries: whose turn it is to write it, and what stands in it.

The topic has one partition, and all notifiers are in one consumer group: whoever has the partition
is the active one, and the others stand by. A broker gives it to another member when this one has
been silent for the session timeout. So a turn is proved by a commit, which the broker refuses to
who has lost it, and a proof holds for the session timeout since it was asked for.
"""

import asyncio
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from typing import Final, NamedTuple

import msgspec
from aiokafka import (
    AIOKafkaConsumer,
    ConsumerRebalanceListener,
    ConsumerRecord,
    OffsetAndMetadata,
    TopicPartition,
)
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaError
from kafka import KafkaProducer

from streams.broker.batches.clients import guard_aiokafka
from streams.broker.notifier.log_writer import LogWriter
from streams.broker.notifier.loop_thread import LoopThread
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerError
from streams.printable import printable
from streams.wire.delivery import Delivery, decode_delivery, delivery_key, encode_delivery
from streams.wire.posting import NAMESPACE

_POLL_MILLISECONDS: Final = 50
_STOP_SECONDS: Final = 10.0

_log: Final = logging.getLogger("aboveboard.notify")


class _Turns(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka publishes no types
    """Counts the turns of a member: each begins with the log from its first record."""

    def __init__(self, consumer: AIOKafkaConsumer, place: TopicPartition) -> None:
        self._consumer: Final = consumer
        self._place: Final = place
        self.number = 0
        self.ours = False

    def on_partitions_revoked(self, _: Iterable[TopicPartition]) -> None:
        """Take in that the group begins to give out the partition anew."""
        self.ours = False

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Take in who has it."""
        self.ours = self._place in assigned
        if self.ours:
            self.number += 1
            self._consumer.seek(self._place, 0)


class Kept(NamedTuple):
    """What stands in the log under a key of the webhooks, and at which offset."""

    value: bytes
    offset: int


class _Commit(NamedTuple):
    """A commit that is under way, and when it was asked for."""

    asked_at: float
    asking: asyncio.Future[None]


class DeliveryLog:
    """A member of the group; made by `delivery_log`."""

    def __init__(
        self,
        thread: LoopThread,
        consumer: AIOKafkaConsumer,
        producer: KafkaProducer,
        bootstrap: str,
        topic: str,
        session_timeout: float,
    ) -> None:
        self._thread: Final = thread
        self._consumer: Final = consumer
        self.writer: Final = LogWriter(producer, bootstrap, topic)
        self._bootstrap: Final = bootstrap
        self._place: Final = TopicPartition(topic, 0)
        self._session_timeout: Final = session_timeout
        self._turns: Final = _Turns(consumer, self._place)
        self._reading = 0
        self._end: int | None = None
        self._read_through = False
        self._told: dict[bytes, Delivery] = {}
        self._of_webhooks: dict[bytes, Kept] = {}
        self._proved_at = float("-inf")
        self._commit: _Commit | None = None
        self._consumer.subscribe([topic], listener=self._turns)

    @property
    def turn(self) -> int | None:
        """Which turn it is, if it is ours and the log has been read; None if not.

        Between two different turns another notifier may have had one.
        """
        ours = self._turns.ours and self._read_through and self._reading == self._turns.number
        return self._reading if ours else None

    def poll(self) -> None:
        """Wait for a moment, and read the log where it is our turn.

        Raises
        ------
        BrokerError
            The broker refuses.
        """
        try:
            self._thread.run(self._poll())
        except KafkaError as error:
            raise BrokerError(f"the broker at {self._bootstrap}: {error}") from error

    async def _poll(self) -> None:
        fetched = await self._consumer.getmany(timeout_ms=_POLL_MILLISECONDS)
        if self._reading != self._turns.number:
            self._reading = self._turns.number
            self._end, self._read_through, self._told = None, False, {}
            self._of_webhooks = {}
            self._proved_at = float("-inf")
            # What was fetched may be of the time before.
            self._consumer.seek(self._place, 0)
            return
        if not self._turns.ours:
            return
        for record in fetched.get(self._place, []):
            if (record.key or b"").startswith(NAMESPACE):
                self._take_of_webhooks(record)
            elif not self._read_through:
                self._take(record)
        if self._read_through:
            return
        end = self._consumer.highwater(self._place)
        if end is not None:
            self._end = end if self._end is None else self._end
            self._read_through = await self._consumer.position(self._place) >= self._end

    def deliveries(self) -> Iterable[Delivery]:
        """Return what stood in the log when this turn began."""
        return list(self._told.values())

    def of_webhooks(self) -> Mapping[bytes, Kept]:
        """Return what has been read of the webhooks since this was last asked, by key.

        First all that stood in the log when this turn began; then what came, ours too.
        """
        found, self._of_webhooks = self._of_webhooks, {}
        return found

    def prove(self) -> bool:
        """Return whether it is still our turn, for certain; asks the broker now and then.

        While the broker does not answer, the last proof holds for as long as nobody else can have
        been given the turn.
        """
        if time.monotonic() - self._proved_at < self._session_timeout / 3:
            return self.turn is not None
        try:
            self._proved_at = self._thread.run(self._committed(self._session_timeout / 6))
        except (CommitFailedError, IllegalStateError):
            self._proved_at = float("-inf")
            return False
        except (KafkaError, TimeoutError):
            return self.holds()
        return True

    def holds(self) -> bool:
        """Return whether the last proof still holds."""
        return self.turn is not None and time.monotonic() - self._proved_at < self._session_timeout

    async def _committed(self, patience: float) -> float:
        """Wait for a commit, for some seconds; return when it was asked for.

        One that takes longer is waited for the next time. It is not cancelled: aiokafka shields
        what it has sent, so that would go on, and its failure be nobody's.
        """
        if self._commit is None:
            self._commit = _Commit(time.monotonic(), asyncio.ensure_future(self._ask()))
        asked_at, asking = self._commit
        await asyncio.wait({asking}, timeout=patience)
        if not asking.done():
            raise TimeoutError
        self._commit = None
        asking.result()
        return asked_at

    async def _ask(self) -> None:
        # Any offset will do: every turn reads the log from its beginning.
        await self._consumer.commit({self._place: OffsetAndMetadata(0, "")})

    def write(self, changes: Iterable[tuple[bytes, Delivery | None]]) -> None:
        """Store these under their keys, None for nothing; return once all are stored.

        Raises
        ------
        BrokerError
            An unknown part was not stored.
        """
        self.writer.store(
            (key, None if delivery is None else encode_delivery(delivery))
            for key, delivery in changes
        )

    def _take_of_webhooks(self, record: ConsumerRecord) -> None:
        if record.value is None:
            self._of_webhooks.pop(record.key, None)
        else:
            self._of_webhooks[record.key] = Kept(record.value, record.offset)

    def _take(self, record: ConsumerRecord) -> None:
        key, value = record.key or b"", record.value
        if value is None:
            self._told.pop(key, None)
            return
        try:
            delivery = decode_delivery(value)
        except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
            why = str(error)
        else:
            if delivery_key(delivery.alert_id, delivery.severity) == key:
                self._told[key] = delivery
                return
            why = "its key is not that of its content"
        _log.warning(
            "the record %s[0]@%d is none of ours and is left out: %s",
            self._place.topic,
            record.offset,
            printable(why),
        )


@contextmanager
def delivery_log(
    bootstrap: str, topic: str, group: str, session_timeout: float, security: BrokerSecurity
) -> Iterator[DeliveryLog]:
    """Yield a member of the group for the block; at its end another member gets the turn at once.

    Parameters
    ----------
    bootstrap, security
        Address of the broker, and TLS and user for it.
    topic, group
        Whole names, with the prefix.
    session_timeout
        Seconds after which the broker takes a silent member for dead.

    Raises
    ------
    BrokerError
        The broker does not answer.
    """
    milliseconds = round(1_000 * session_timeout)
    guard_aiokafka()
    with (
        idempotent_producer(bootstrap, security, linger_milliseconds=5) as producer,
        LoopThread("aboveboard-group") as thread,
    ):

        async def make() -> AIOKafkaConsumer:
            return AIOKafkaConsumer(
                bootstrap_servers=bootstrap,
                group_id=group,
                auto_offset_reset="earliest",
                enable_auto_commit=False,
                session_timeout_ms=milliseconds,
                heartbeat_interval_ms=milliseconds // 10,
                fetch_max_wait_ms=_POLL_MILLISECONDS,
                **security.for_aiokafka(),
            )

        consumer = thread.run(make())
        try:
            log = DeliveryLog(thread, consumer, producer, bootstrap, topic, session_timeout)
            try:
                thread.run(consumer.start())
            except KafkaError as error:
                raise BrokerError(f"the broker at {bootstrap}: {error}") from error
            yield log
        finally:
            thread.expect_failures()
            # Where the broker is away, it is cancelled by its own tasks.
            with suppress(KafkaError, TimeoutError, CancelledError):
                thread.run(asyncio.wait_for(consumer.stop(), _STOP_SECONDS))
