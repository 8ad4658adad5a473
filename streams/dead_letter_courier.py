"""Carries the records of dead letters to the topics of events, and keeps the receipts, on Kafka."""

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Final, Self

import msgspec
from kafka import KafkaProducer
from kafka.errors import (
    InvalidRecordError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RecordListTooLargeError,
)

from streams.broker_access import CONNECT_MILLISECONDS, BrokerOfNoUse, explained
from streams.broker_security import OPEN, BrokerSecurity
from streams.dead_letter_book import Receipt
from streams.dead_letter_replay import Parcel
from streams.topic_catalogue import Topic, topic_name

_PATIENCE_MILLISECONDS: Final = 30_000
_LINGER_MILLISECONDS: Final = 20
_UNFIT: Final = (InvalidRecordError, MessageSizeTooLargeError, RecordListTooLargeError)


class KafkaCourier:
    """One producer for records and receipts; a context manager."""

    def __init__(self, bootstrap: str, prefix: str, security: BrokerSecurity = OPEN) -> None:
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._security: Final = security
        self._receipts: Final = topic_name(prefix, Topic.DEAD_LETTER_RECEIPTS)

    def __enter__(self) -> Self:
        with explained(self._bootstrap):
            # Idempotent (the default): what is sent again after a fault is stored once, in order.
            self._producer = KafkaProducer(
                bootstrap_servers=self._bootstrap.split(","),
                bootstrap_timeout_ms=CONNECT_MILLISECONDS,
                allow_auto_create_topics=False,
                max_in_flight_requests_per_connection=1,
                compression_type="gzip",
                linger_ms=_LINGER_MILLISECONDS,
                request_timeout_ms=_PATIENCE_MILLISECONDS // 2,
                delivery_timeout_ms=_PATIENCE_MILLISECONDS,
                max_block_ms=_PATIENCE_MILLISECONDS,
                metrics_enabled=False,
                **self._security.for_kafka_python(),
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, without waiting for what is under way if something went wrong."""
        try:
            self._producer.close(timeout=None if error is None else 0)
        except KafkaTimeoutError:
            if error is None:
                raise

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
