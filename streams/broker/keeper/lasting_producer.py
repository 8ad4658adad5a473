"""One producer for many answers to people: it lasts, and is replaced once it has failed."""

from contextlib import ExitStack
from threading import Lock
from typing import Final, Protocol, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams.broker.access import require_service
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerRefused
from streams.wire.topics import Topic, topic_name


class Storable(Protocol):
    """A record, ready for the topic."""

    @property
    def key(self) -> bytes:
        """Its key."""

    @property
    def value(self) -> bytes:
        """Its value."""

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        """Its headers."""


class LastingProducer:
    """Stores records of one topic one by one; may be used by several threads at once.

    A producer that has failed is given up, and the next record makes another one.

    Parameters
    ----------
    bootstrap, prefix, security
        The broker, and the installation on it.
    topic
        Where the records go.
    patience
        Seconds for which a record may wait to be stored; more than 1.
    request_bytes
        Bytes that a record may have.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        security: BrokerSecurity,
        topic: Topic,
        *,
        patience: float,
        request_bytes: int,
    ) -> None:
        self._bootstrap: Final = bootstrap
        self._topic: Final = topic_name(prefix, topic)
        self._security: Final = security
        self._patience: Final = patience
        self._request_bytes: Final = request_bytes
        self._lock: Final = Lock()
        self._open: Final = ExitStack()
        self._producer: KafkaProducer | None = None

    def __enter__(self) -> Self:
        """Return itself; the producer is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the producer."""
        with self._lock:
            self._open.close()

    def store(self, record: Storable, what: str) -> str:
        """Return where a record stands, as ``decisions[0]@17``, once the broker has it.

        ``what`` it is stands in the error.

        Raises
        ------
        BrokerError
            The broker does not answer, or it may not be stored.
        """
        producer = self._made()
        try:
            future = producer.send(
                self._topic, record.value, key=record.key, headers=record.headers
            )
            place = future.get(timeout=self._patience)
        except KafkaError as error:
            self._give_up(producer, error)
            raise BrokerRefused(
                f"the broker at {self._bootstrap} did not say that it stored {what} "
                f"({type(error).__name__}: {error})"
            ) from error
        return f"{self._topic}[{place.partition}]@{place.offset}"

    def _made(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                require_service(self._bootstrap, self._security)
                self._producer = self._open.enter_context(
                    idempotent_producer(
                        self._bootstrap,
                        self._security,
                        linger_milliseconds=0,
                        request_bytes=self._request_bytes,
                        patience=self._patience,
                    )
                )
            return self._producer

    def _give_up(self, failed: KafkaProducer, error: KafkaError) -> None:
        with self._lock:
            if self._producer is failed:  # no other thread has done so
                self._producer = None
                self._open.__exit__(type(error), error, error.__traceback__)
