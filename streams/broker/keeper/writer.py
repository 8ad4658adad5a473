"""Stores cases, and letters about decisions that cannot be read."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from kafka import KafkaProducer

from streams.broker.access import explained
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerRefused
from streams.wire.case_record import CaseRecord
from streams.wire.dead_letter import DeadLetter, to_message
from streams.wire.topics import Topic, topic_name

_LARGEST_CASE: Final = 16_000_000
"""Bytes that the topic takes, with room for headers."""

_LINGER_MILLISECONDS: Final = 20


class CaseWriter:
    """One producer for cases and letters."""

    def __init__(self, producer: KafkaProducer, bootstrap: str, prefix: str) -> None:
        self._producer: Final = producer
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix

    def write(self, records: Sequence[CaseRecord]) -> list[int]:
        """Store cases; return the offset of each.

        Raises
        ------
        BrokerError
            An unknown part was not stored.
        """
        return self._stored(
            Topic.CASES_CURRENT, [(one.key, one.value, one.headers) for one in records]
        )

    def write_letter(self, letter: DeadLetter, key: bytes | None) -> None:
        """Store a dead letter.

        Raises
        ------
        BrokerError
            It may not be stored.
        """
        value, headers = to_message(letter)
        self._stored(Topic.DEAD_LETTERS, [(key, value, headers)])

    def _stored(
        self,
        topic: Topic,
        records: Sequence[tuple[bytes | None, bytes, list[tuple[str, bytes]]]],
    ) -> list[int]:
        name = topic_name(self._prefix, topic)
        with explained(self._bootstrap):
            futures = [
                self._producer.send(name, value, key=key, headers=headers)
                for key, value, headers in records
            ]
            self._producer.flush()
        for future in futures:
            if future.failed():
                error = future.exception
                raise BrokerRefused(
                    f"the broker at {self._bootstrap} did not store all records of {name}: "
                    f"{type(error).__name__}: {error}. They are written again at the next start"
                )
        return [future.value.offset for future in futures]


@contextmanager
def case_writer(bootstrap: str, prefix: str, security: BrokerSecurity) -> Iterator[CaseWriter]:
    """Yield a writer for the block.

    Raises
    ------
    BrokerError
        The broker does not answer.
    """
    with idempotent_producer(
        bootstrap,
        security,
        linger_milliseconds=_LINGER_MILLISECONDS,
        request_bytes=_LARGEST_CASE,
    ) as producer:
        yield CaseWriter(producer, bootstrap, prefix)
