"""The producer of the commands that send records: what it has sent is stored, once and in order."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from kafka import KafkaProducer
from kafka.errors import KafkaTimeoutError

from streams.broker.access import CONNECT_MILLISECONDS, explained
from streams.broker.security import BrokerSecurity

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
            bootstrap_servers=bootstrap.split(","),
            bootstrap_timeout_ms=CONNECT_MILLISECONDS,
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
            **security.for_kafka_python(),
        )
    try:
        yield producer
    except BaseException:
        with suppress(KafkaTimeoutError):
            producer.close(timeout=0)
        raise
    producer.close()
