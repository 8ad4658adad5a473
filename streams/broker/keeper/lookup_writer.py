"""Stores who looked at whom in the topic ``lookups``, before they see it."""

from contextlib import ExitStack
from threading import Lock
from typing import Final, Self

from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams.broker.access import require_service
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerRefused
from streams.wire.lookup_record import Lookup, lookup_record
from streams.wire.topics import Topic, topic_name

_LARGEST_LOOKUP: Final = 4_000_000
"""Bytes that the topic takes, with room for headers."""

_PATIENCE_SECONDS: Final = 5.0
"""For which a person waits; then they are shown nothing."""


class LookupWriter:
    """One producer for all answers; may be used by several threads at once.

    A producer that has failed is given up, and the next lookup makes another one.

    Parameters
    ----------
    bootstrap, prefix, security
        The broker, and the installation on it.
    patience
        Seconds for which a lookup may wait to be stored; more than 1.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        security: BrokerSecurity,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self._patience: Final = patience
        self._bootstrap: Final = bootstrap
        self._topic: Final = topic_name(prefix, Topic.LOOKUPS)
        self._security: Final = security
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

    def write(self, lookup: Lookup) -> None:
        """Return once the broker has it.

        Raises
        ------
        BrokerError
            It may not be stored: nothing may be shown.
        """
        record = lookup_record(lookup)
        producer = self._made()
        try:
            future = producer.send(
                self._topic, record.value, key=record.key, headers=record.headers
            )
            future.get(timeout=self._patience)
        except KafkaError as error:
            self._give_up(producer, error)
            raise BrokerRefused(
                f"the broker at {self._bootstrap} did not store who looks at whom "
                f"({type(error).__name__}: {error})"
            ) from error

    def _made(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                require_service(self._bootstrap, self._security)
                self._producer = self._open.enter_context(
                    idempotent_producer(
                        self._bootstrap,
                        self._security,
                        linger_milliseconds=0,
                        request_bytes=_LARGEST_LOOKUP,
                        patience=self._patience,
                    )
                )
            return self._producer

    def _give_up(self, failed: KafkaProducer, error: KafkaError) -> None:
        with self._lock:
            if self._producer is failed:  # no other thread has done so
                self._producer = None
                self._open.__exit__(type(error), error, error.__traceback__)
