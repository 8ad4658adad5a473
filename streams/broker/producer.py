"""The producer of the commands that send records: what it has sent is stored, once and in order."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from streams.broker.access import connection, explained
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerError

if TYPE_CHECKING:
    from kafka.producer.future import FutureRecordMetadata

PATIENCE_SECONDS: Final = 30.0

_BATCH_BYTES: Final = 16 * 1024  # as kafka-python has it
_REQUEST_BYTES: Final = 1_048_576  # likewise


@contextmanager
def idempotent_producer(
    bootstrap: str,
    security: BrokerSecurity,
    *,
    linger_milliseconds: int,
    batch_bytes: int = _BATCH_BYTES,
    request_bytes: int = _REQUEST_BYTES,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[KafkaProducer]:
    """Yield a producer for the block; what is under way at its end is stored first.

    A block that fails is left at once, without what is under way.

    Parameters
    ----------
    bootstrap, security
        Address of the broker, and TLS and user for it.
    linger_milliseconds, batch_bytes
        For how long, and up to which size, records of a partition are gathered.
    request_bytes
        Bytes that a record may have.
    patience
        Seconds for which a record may wait to be stored, over all attempts; more than 1.

    Raises
    ------
    BrokerError
        The broker does not answer.
    """
    milliseconds = round(1_000 * patience)
    with explained(bootstrap):
        # Idempotent (the default): what is sent again after a fault is stored once, in order.
        producer = KafkaProducer(
            allow_auto_create_topics=False,
            max_in_flight_requests_per_connection=1,
            compression_type="gzip",
            batch_size=batch_bytes,
            max_request_size=request_bytes,
            linger_ms=linger_milliseconds,
            request_timeout_ms=milliseconds // 2,
            delivery_timeout_ms=milliseconds,
            max_block_ms=milliseconds,
            metrics_enabled=False,
            **connection(bootstrap, security),
        )
    try:
        yield producer
    except BaseException:
        with suppress(KafkaTimeoutError):
            producer.close(timeout=0)
        raise
    producer.close()


class SlicedSender:
    """Sends records in slices: the next one begins when all of the one before is stored.

    Parameters
    ----------
    producer, bootstrap
        An idempotent producer, and the address of its broker.
    size
        Records that may be under way at once.
    remedy
        What to do after the broker has not stored a record: the end of the error's sentence.
    watch
        Called after every slice.
    """

    def __init__(
        self,
        producer: KafkaProducer,
        bootstrap: str,
        size: int,
        remedy: str,
        watch: Callable[[], None] | None = None,
    ) -> None:
        self._producer: Final = producer
        self._bootstrap: Final = bootstrap
        self._size: Final = size
        self._remedy: Final = remedy
        self._watch: Final = watch
        self._under_way: list[FutureRecordMetadata] = []

    def put(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        headers: Sequence[tuple[str, bytes | None]] = (),
        partition: int | None = None,
    ) -> None:
        """Send one record; without a partition, its key decides."""
        with explained(self._bootstrap):
            self._under_way.append(
                self._producer.send(
                    topic, value, key=key, headers=list(headers), partition=partition
                )
            )
        if len(self._under_way) >= self._size:
            self.flush()

    def put_everywhere(self, topic: str, value: bytes, key: bytes) -> None:
        """Send one record to each partition of a topic."""
        with explained(self._bootstrap):
            partitions = self._producer.partitions_for(topic) or ()
        for partition in sorted(partitions):
            self.put(topic, value, key, partition=partition)

    def flush(self) -> None:
        """Return once everything sent is stored; raise if something was not."""
        with explained(self._bootstrap):
            self._producer.flush()
        for future in self._under_way:
            if future.failed():
                raise BrokerError(
                    f"the broker at {self._bootstrap} did not store all records: "
                    f"{type(future.exception).__name__}: {future.exception}. {self._remedy}"
                )
        self._under_way.clear()
        if self._watch is not None:
            self._watch()
