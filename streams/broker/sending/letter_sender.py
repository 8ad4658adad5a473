"""Sends the records of dead letters back to the topics of events, and stores the receipts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final

from kafka import KafkaProducer
from kafka.errors import InvalidRecordError, MessageSizeTooLargeError, RecordListTooLargeError

from streams.broker.access import explained
from streams.broker.producer import idempotent_producer
from streams.broker.security import BrokerSecurity
from streams.errors import BrokerError, BrokerRefused
from streams.wire.letter_replay import Receipt, Replay
from streams.wire.sealed_letter import seal_receipt
from streams.wire.topics import Topic, topic_name

_LINGER_MILLISECONDS: Final = 20
_UNFIT: Final = (InvalidRecordError, MessageSizeTooLargeError, RecordListTooLargeError)


class LetterSender:
    """One producer for records and receipts."""

    def __init__(self, producer: KafkaProducer, bootstrap: str, prefix: str) -> None:
        self._producer: Final = producer
        self._bootstrap: Final = bootstrap
        self._prefix: Final = prefix
        self._receipts: Final = topic_name(prefix, Topic.DEAD_LETTER_RECEIPTS)

    def send(self, replays: Sequence[Replay]) -> list[Receipt | str]:
        """Send records; return the receipt of each, or why the broker refused it.

        Raises
        ------
        BrokerError
            The broker does not answer: an unknown part was stored.
        """
        answers: list[Receipt | str] = []
        with explained(self._bootstrap):
            futures = [
                self._producer.send(
                    topic_name(self._prefix, replay.topic),
                    replay.value,
                    key=replay.key,
                    partition=replay.partition,
                )
                for replay in replays
            ]
            self._producer.flush()
        for replay, future in zip(replays, futures, strict=True):
            if not future.failed():
                stored = future.value
                answers.append(Receipt(replay.topic.value, stored.partition, stored.offset))
            elif isinstance(future.exception, _UNFIT):
                reason = type(future.exception).__name__
                answers.append(f"the broker refused the record: {reason}")
            else:
                raise self._not_stored(future.exception)
        return answers

    def store_receipts(self, receipts: Mapping[str, Receipt]) -> None:
        """Store receipts under the ids of their letters; return once they are stored.

        Raises
        ------
        BrokerError
            An unknown part was not stored.
        """
        with explained(self._bootstrap):
            futures = []
            for letter_id, receipt in receipts.items():
                key, value, headers = seal_receipt(self._prefix, letter_id, receipt)
                futures.append(self._producer.send(self._receipts, value, key=key, headers=headers))
            self._producer.flush()
        for future in futures:
            if future.failed():
                raise self._not_stored(future.exception)

    def _not_stored(self, error: BaseException | None) -> BrokerError:
        return BrokerRefused(
            f"the broker at {self._bootstrap} did not store all records: {type(error).__name__}: "
            f"{error}. Fix what it says and replay again: what has a receipt is not sent twice"
        )


@contextmanager
def letter_sender(bootstrap: str, prefix: str, security: BrokerSecurity) -> Iterator[LetterSender]:
    """Yield a sender for the block.

    Raises
    ------
    BrokerError
        The broker does not answer.
    """
    with idempotent_producer(
        bootstrap, security, linger_milliseconds=_LINGER_MILLISECONDS
    ) as producer:
        yield LetterSender(producer, bootstrap, prefix)
