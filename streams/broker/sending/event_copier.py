"""Copies the event topics of one prefix into those of another, which are empty."""

from collections.abc import Iterator
from typing import Final

from kafka.consumer.fetcher import ConsumerRecord
from msgspec import Struct

from streams.broker.access import require_topics
from streams.broker.producer import SlicedSender, idempotent_producer
from streams.broker.reader import read_topic
from streams.broker.security import OPEN, BrokerSecurity
from streams.errors import TopicMismatch
from streams.stages.event_copy import EventCopy
from streams.wire.dead_letter import DeadLetter
from streams.wire.sealed_letter import seal_letter
from streams.wire.topics import EVENT_TOPICS, Topic, topic_name

_SLICE: Final = 1_000
_BATCH_BYTES: Final = 512 * 1024
_LINGER_MILLISECONDS: Final = 200
_REMEDY: Final = "Fix what it says, and copy into another fresh prefix: a copy is not continued"


class CopyCounts(Struct):
    """What was copied, and what was left out, by the reason of its letter."""

    copied: int = 0
    left_out: dict[str, int] = {}


def look_through(
    bootstrap: str, source: str, copy: EventCopy, security: BrokerSecurity = OPEN
) -> CopyCounts:
    """Count what a copy would do; `copy` finds what is dated after its followers.

    Raises
    ------
    BrokerError
        The broker does not answer, or topics are missing.
    """
    counts = CopyCounts()
    for topic in EVENT_TOPICS:
        for _, letter in _decided(bootstrap, source, topic, copy, security):
            _count(counts, letter)
    return counts


def copy_events(
    bootstrap: str, source: str, target: str, copy: EventCopy, security: BrokerSecurity = OPEN
) -> CopyCounts:
    """Copy the event topics under the prefix `source` to those under `target`.

    Each record goes to the partition of the same number, with its key, headers and bytes. What is
    left out becomes a dead letter of the new installation. Its workers are to be started
    afterwards: one topic is copied after the other.

    Raises
    ------
    TopicMismatch
        A new topic holds records, or has another number of partitions.
    BrokerError
        The broker does not answer, topics are missing, or a record was not stored.
    """
    _require_fit(bootstrap, source, target, security)
    counts = CopyCounts()
    with idempotent_producer(
        bootstrap, security, linger_milliseconds=_LINGER_MILLISECONDS, batch_bytes=_BATCH_BYTES
    ) as producer:
        slices = SlicedSender(producer, bootstrap, _SLICE, _REMEDY)
        for topic in EVENT_TOPICS:
            name = topic_name(target, topic)
            for record, letter in _decided(bootstrap, source, topic, copy, security):
                _count(counts, letter)
                if letter is None:
                    slices.put(name, record.value, record.key, record.headers, record.partition)
                else:
                    value, headers = seal_letter(target, letter, record.key)
                    letters = topic_name(target, Topic.DEAD_LETTERS)
                    slices.put(letters, value, record.key, headers)
        slices.flush()
    return counts


def _decided(
    bootstrap: str, source: str, topic: Topic, copy: EventCopy, security: BrokerSecurity
) -> Iterator[tuple[ConsumerRecord, DeadLetter | None]]:
    for record in read_topic(bootstrap, topic_name(source, topic), security=security):
        yield record, copy.letter(topic, record.partition, record)


def _count(counts: CopyCounts, letter: DeadLetter | None) -> None:
    if letter is None:
        counts.copied += 1
    else:
        counts.left_out[letter.reason] = counts.left_out.get(letter.reason, 0) + 1


def _require_fit(bootstrap: str, source: str, target: str, security: BrokerSecurity) -> None:
    """Raise if the new topics are not empty, or have other partitions."""
    old = [topic_name(source, topic) for topic in EVENT_TOPICS]
    new = [topic_name(target, topic) for topic in EVENT_TOPICS]
    letters = topic_name(target, Topic.DEAD_LETTERS)
    found = require_topics(bootstrap, *old, *new, letters, security=security)
    for one, other in zip(old, new, strict=True):
        if found[one] != found[other]:
            raise TopicMismatch(
                f"{one} has {found[one]} partitions and {other} has {found[other]}: create the new "
                f"topics with `aboveboard topics --partitions {found[one]}`"
            )
        if next(read_topic(bootstrap, other, security=security), None) is not None:
            raise TopicMismatch(
                f"{other} holds records already: copy into a fresh prefix without any, and "
                "let sources and workers begin there afterwards"
            )
