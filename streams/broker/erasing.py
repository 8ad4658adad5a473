"""The topics of an installation, as an erasure reads, writes and deletes in them."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Final

from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError

from streams.broker.access import admin_client, explained, partition_counts
from streams.broker.cluster_view import settings_of
from streams.broker.producer import idempotent_producer
from streams.broker.reader import read_topic
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerRefused
from streams.wire.record import LocatedRecord, Written
from streams.wire.topics import Topic, topic_name

if TYPE_CHECKING:
    from kafka.producer.future import FutureRecordMetadata

_LINGER_MILLISECONDS: Final = 20
_MOST_UNDER_WAY: Final = 100
_LARGEST_RECORD: Final = 16_777_216
"""Bytes of a record that any topic takes."""


class KafkaLogs:
    """The topics of one installation on a broker."""

    def __init__(self, bootstrap: str, prefix: str, security: BrokerSecurity) -> None:
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._security: Final = security

    def settings(self) -> Mapping[Topic, Mapping[str, str]]:
        """Return the settings of the topics that are there, as far as the broker tells them.

        Raises
        ------
        BrokerError
            The broker does not answer.
        """
        names = {topic_name(self._prefix, topic): topic for topic in Topic}
        with admin_client(self._bootstrap, self._security) as client:
            found = names.keys() & partition_counts(client)
            told = settings_of(client, sorted(found)) or {}
        return {names[name]: told.get(name, {}) for name in found}

    def records(self, topic: Topic) -> Iterator[LocatedRecord]:
        """Yield every record of a topic, those of aborted transactions too.

        Raises
        ------
        BrokerError
            The broker does not answer.
        """
        name = topic_name(self._prefix, topic)
        records = read_topic(self._bootstrap, name, security=self._security, aborted=True)
        with closing(records):
            yield from records

    def write(self, topic: Topic, records: Iterable[Written]) -> None:
        """Store records; return once all of them are.

        Raises
        ------
        BrokerError
            An unknown part was not stored.
        """
        name = topic_name(self._prefix, topic)
        with (
            explained(self._bootstrap),
            idempotent_producer(
                self._bootstrap,
                self._security,
                linger_milliseconds=_LINGER_MILLISECONDS,
                request_bytes=_LARGEST_RECORD,
            ) as producer,
        ):
            under_way = []
            for one in records:
                under_way.append(
                    producer.send(
                        name, one.value, key=one.key, partition=one.partition, headers=one.headers
                    )
                )
                if len(under_way) >= _MOST_UNDER_WAY:
                    self._confirm(name, producer, under_way)
                    under_way = []
            self._confirm(name, producer, under_way)

    def _confirm(
        self, name: str, producer: KafkaProducer, under_way: "list[FutureRecordMetadata]"
    ) -> None:
        producer.flush()
        for future in under_way:
            if future.failed():
                raise BrokerRefused(
                    f"the broker at {self._bootstrap} did not store all records of {name}: "
                    f"{type(future.exception).__name__}: {future.exception}. Nothing was deleted "
                    "there; fix what it says and run this again"
                )

    def delete_before(self, topic: Topic, offsets: Mapping[int, int]) -> None:
        """Delete, in each partition, the records before an offset.

        Raises
        ------
        BrokerError
            The broker did not delete all of them.
        """
        name = topic_name(self._prefix, topic)
        wanted = {TopicPartition(name, number): offset for number, offset in offsets.items()}
        try:
            with admin_client(self._bootstrap, self._security) as client:
                client.delete_records(wanted)
        except BrokerRefused as error:
            if not isinstance(error.__cause__, KafkaError):
                raise
            # The embedded broker hangs up: it knows no such request.
            raise BrokerRefused(
                f"the broker at {self._bootstrap} did not delete records of {name} "
                f"({type(error.__cause__).__name__}). It takes the right Delete on the topic, and "
                "a broker that deletes records"
            ) from error
