"""Writes into the log of deliveries, and what a webhook did not take among the dead letters."""

from collections.abc import Iterable
from typing import Any, Final

from kafka import KafkaProducer

from streams.broker.access import explained
from streams.errors import BrokerError
from streams.wire.dead_letter import DeadLetter
from streams.wire.sealed_letter import seal_letter
from streams.wire.topics import Topic, topic_name


class LogWriter:
    """One producer; ``topic`` is the whole name of the log, of one partition."""

    def __init__(self, producer: KafkaProducer, bootstrap: str, topic: str) -> None:
        self._producer: Final = producer
        self._bootstrap: Final = bootstrap
        self._topic: Final = topic

    def store(self, records: Iterable[tuple[bytes, bytes | None]]) -> None:
        """Store values under their keys, None for nothing; return once all are stored.

        Raises
        ------
        BrokerError
            An unknown part was not stored.
        """
        with explained(self._bootstrap):
            futures = [
                self._producer.send(self._topic, value, key=key, partition=0)
                for key, value in records
            ]
            self._producer.flush()
        self._require_stored(futures)

    def set_aside(self, prefix: str, letter: DeadLetter, key: bytes) -> None:
        """Store a dead letter of an installation; return once it is stored.

        Raises
        ------
        BrokerError
            It was not.
        """
        value, headers = seal_letter(prefix, letter, key)
        topic = topic_name(prefix, Topic.DEAD_LETTERS)
        with explained(self._bootstrap):
            future = self._producer.send(topic, value, key=key, headers=headers)
            self._producer.flush()
        self._require_stored([future])

    def _require_stored(self, futures: Iterable[Any]) -> None:
        for future in futures:
            if future.failed():
                raise BrokerError(
                    f"the broker at {self._bootstrap} did not store what was told: "
                    f"{type(future.exception).__name__}: {future.exception}"
                )
