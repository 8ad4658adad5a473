"""The log of deliveries: whose turn it is to write it, and what stands in it.

The topic has one partition, and all notifiers are in one consumer group: whoever has the partition
is the active one, and the others stand by. A broker gives it to another member when this one has
been silent for the session timeout. So a turn is proved by a commit, which the broker refuses to
who has lost it, and a proof holds for the session timeout since it was asked for.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    KafkaError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
from kafka.structs import OffsetAndMetadata

from streams.broker.access import CONNECT_MILLISECONDS, explained
from streams.broker.batches.clients import guard_kafka_python
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerError
from streams.printable import printable
from streams.wire.delivery import Delivery, decode_delivery, delivery_key, encode_delivery

_POLL_MILLISECONDS: Final = 50
_LOST: Final = (
    CommitFailedError,
    FencedInstanceIdError,
    IllegalGenerationError,
    RebalanceInProgressError,
    UnknownMemberIdError,
)
_NO_GENERATION: Final = -1

_log: Final = logging.getLogger("aboveboard.notify")


class DeliveryLog:
    """A member of the group; made by `delivery_log`."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        producer: KafkaProducer,
        bootstrap: str,
        topic: str,
        session_timeout: float,
    ) -> None:
        self._consumer: Final = consumer
        self._producer: Final = producer
        self._bootstrap: Final = bootstrap
        self._place: Final = TopicPartition(topic, 0)
        self._session_timeout: Final = session_timeout
        self._generation = _NO_GENERATION
        self._end: int | None = None
        self._read_through = False
        self._told: dict[bytes, Delivery] = {}
        self._proved_at = float("-inf")

    @property
    def turn(self) -> int | None:
        """Which turn it is, if it is ours and the log has been read; None if not.

        Between two different turns another notifier may have had one.
        """
        return self._generation if self._read_through else None

    def poll(self) -> None:
        """Take part in the group, and read the log where it is our turn.

        Raises
        ------
        BrokerError
            The broker refuses.
        """
        with explained(self._bootstrap):
            fetched = self._consumer.poll(timeout_ms=_POLL_MILLISECONDS)
            generation = self._now_assigned()
            if generation != self._generation:
                self._generation = generation
                self._end, self._read_through, self._told = None, False, {}
                self._proved_at = float("-inf")
                if generation != _NO_GENERATION:
                    self._consumer.seek_to_beginning(self._place)
                return  # what was fetched is of before
            if generation == _NO_GENERATION or self._read_through:
                return
            for record in fetched.get(self._place, []):
                self._take(record.key or b"", record.value, record.offset)
            end = self._consumer.highwater(self._place)
            if end is not None:
                self._end = end if self._end is None else self._end
                self._read_through = self._consumer.position(self._place) >= self._end

    def deliveries(self) -> Iterable[Delivery]:
        """Return what stood in the log when this turn began."""
        return list(self._told.values())

    def prove(self) -> bool:
        """Return whether it is still our turn, for certain; asks the broker now and then.

        While the broker does not answer, the last proof holds for as long as nobody else can have
        been given the turn.
        """
        begun = time.monotonic()
        if begun - self._proved_at < self._session_timeout / 3:
            return True
        # Any offset will do: every turn reads the log from its beginning.
        offsets = {self._place: OffsetAndMetadata(0, "", -1)}
        try:
            self._consumer.commit(offsets, timeout_ms=round(170 * self._session_timeout))
        except _LOST:
            self._read_through = False
            self._generation = _NO_GENERATION
            return False
        except KafkaError:
            return self.holds()
        self._proved_at = begun
        return True

    def holds(self) -> bool:
        """Return whether the last proof still holds."""
        return time.monotonic() - self._proved_at < self._session_timeout

    @property
    def unproved_for(self) -> float:
        """For how many seconds there has been no proof, where it is our turn."""
        return 0.0 if self.turn is None else time.monotonic() - self._proved_at

    def write(self, changes: Iterable[tuple[bytes, Delivery | None]]) -> None:
        """Store these under their keys, None for nothing; return once all are stored.

        Raises
        ------
        BrokerError
            An unknown part was not stored.
        """
        with explained(self._bootstrap):
            futures = [
                self._producer.send(
                    self._place.topic,
                    None if delivery is None else encode_delivery(delivery),
                    key=key,
                    partition=0,
                )
                for key, delivery in changes
            ]
            self._producer.flush()
        for future in futures:
            if future.failed():
                raise BrokerError(
                    f"the broker at {self._bootstrap} did not store what was told: "
                    f"{type(future.exception).__name__}: {future.exception}"
                )

    def _now_assigned(self) -> int:
        if self._place not in (self._consumer.assignment() or ()):
            return _NO_GENERATION
        generation: int = self._consumer.group_metadata().generation_id
        return generation

    def _take(self, key: bytes, value: bytes | None, offset: int) -> None:
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
            offset,
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
    with explained(bootstrap):
        consumer = KafkaConsumer(
            topic,
            bootstrap_servers=bootstrap.split(","),
            bootstrap_timeout_ms=CONNECT_MILLISECONDS,
            allow_auto_create_topics=False,
            group_id=group,
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            session_timeout_ms=milliseconds,
            heartbeat_interval_ms=milliseconds // 10,
            fetch_max_wait_ms=_POLL_MILLISECONDS,
            metrics_enabled=False,
            **security.for_kafka_python(),
        )
    try:
        guard_kafka_python(consumer)
        with idempotent_producer(bootstrap, security, linger_milliseconds=5) as producer:
            yield DeliveryLog(consumer, producer, bootstrap, topic, session_timeout)
    finally:
        with suppress(KafkaError):
            consumer.close(autocommit=False)
