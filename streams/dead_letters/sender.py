"""Carries the records of dead letters to the topics of events, and keeps the receipts, on Kafka."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

import msgspec
from kafka import KafkaProducer
from kafka.errors import InvalidRecordError, MessageSizeTooLargeError, RecordListTooLargeError

from streams.broker.access import BrokerOfNoUse, explained
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.dead_letters.book import Receipt
from streams.dead_letters.replay import Parcel
from streams.wire.topics import Topic, topic_name

_LINGER_MILLISECONDS: Final = 20
_UNFIT: Final = (InvalidRecordError, MessageSizeTooLargeError, RecordListTooLargeError)


class KafkaCourier:
    """One producer for records and receipts."""

    def __init__(self, producer: KafkaProducer, bootstrap: str, prefix: str) -> None:
        self._producer: Final = producer
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._receipts: Final = topic_name(prefix, Topic.DEAD_LETTER_RECEIPTS)

    def deliver(self, parcels: Sequence[Parcel]) -> list[Receipt | str]:
        """Send; give the receipts of what is stored, or why the broker would not take a record.

        Raises
        ------
        BrokerOfNoUse
            The broker does not answer: an unknown part was stored.
        """
        answers: list[Receipt | str] = []
        with explained(self._bootstrap):
            futures = [
                self._producer.send(
                    topic_name(self._prefix, parcel.topic),
                    parcel.value,
                    key=parcel.key,
                    partition=parcel.partition,
                )
                for parcel in parcels
            ]
            self._producer.flush()
        for parcel, future in zip(parcels, futures, strict=True):
            if not future.failed():
                stored = future.value
                answers.append(Receipt(parcel.topic.value, stored.partition, stored.offset))
            elif isinstance(future.exception, _UNFIT):
                reason = type(future.exception).__name__
                answers.append(f"the broker refused the record: {reason}")
            else:
                raise self._not_stored(future.exception)
        return answers

    def keep(self, receipts: Mapping[str, Receipt]) -> None:
        """Store receipts under the ids of their letters; return once they are stored.

        Raises
        ------
        BrokerOfNoUse
            An unknown part was not stored.
        """
        with explained(self._bootstrap):
            futures = [
                self._producer.send(
                    self._receipts, msgspec.json.encode(receipt), key=letter_id.encode()
                )
                for letter_id, receipt in receipts.items()
            ]
            self._producer.flush()
        for future in futures:
            if future.failed():
                raise self._not_stored(future.exception)

    def _not_stored(self, error: BaseException | None) -> BrokerOfNoUse:
        return BrokerOfNoUse(
            f"the broker at {self._bootstrap} did not store all records: {type(error).__name__}: "
            f"{error}. Mend what it says and replay again: what has a receipt is not sent twice"
        )


@contextmanager
def kafka_courier(bootstrap: str, prefix: str, security: BrokerSecurity) -> Iterator[KafkaCourier]:
    """Give a courier for the block.

    Raises
    ------
    BrokerOfNoUse
        The broker does not answer.
    """
    with idempotent_producer(
        bootstrap, security, linger_milliseconds=_LINGER_MILLISECONDS
    ) as producer:
        yield KafkaCourier(producer, bootstrap, prefix)
