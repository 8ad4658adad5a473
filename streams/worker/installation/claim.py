"""What an installation is, as its first worker wrote it down, and in what another worker differs.

The topic ``installation`` has one partition. A worker that finds no claim in it writes its own and
reads again: the claim at the lowest offset holds, whoever wrote it. So workers that start together
agree on one without knowing of each other. Every claim has a key of its own, since compaction keeps
the last record of a key: under a common key the first claim would be the one that goes.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import uuid4

import msgspec
from msgspec import Struct

from detectors.basis.saved_state import NOT_READABLE
from streams.config.host import variable
from streams.wire.topics import EVENT_TOPICS, Topic

CLAIM: Final = b"claim/"
BEAT: Final = b"beat/"

OUTPUTS: Final = frozenset(
    {
        Topic.ALERTS,
        Topic.ALERTS_CURRENT,
        Topic.COMMISSION_ACTIONS,
        Topic.VERIFICATION_REQUESTS,
        Topic.COMMENDATIONS,
        Topic.CASES_CURRENT,
        Topic.LOOKUPS,
        Topic.ALERT_DELIVERIES,
        Topic.DEAD_LETTERS,
        Topic.DEAD_LETTER_RECEIPTS,
    }
)
"""Topics from which no worker reads: one that was created anew has lost history, not exactness."""


class Terms(Struct, frozen=True):
    """What a worker brings along.

    ``settings`` is the hash of the settings that decide what is alerted, ``group`` the whole name
    of the consumer group, ``state`` names the forms of the state that this release writes, and
    ``release`` is the major version of the package.
    """

    settings: str
    group: str
    state: tuple[str, ...]
    release: int


class Claim(Struct, frozen=True, tag="installation-1", tag_field="form"):
    """What every worker of an installation must agree on.

    ``topics`` holds the ids of the topics with events, messages between the stages, and state;
    ``partitions`` the number of partitions of every topic; both by the name without prefix.
    """

    topics: dict[str, str]
    partitions: dict[str, int]
    terms: Terms

    def record(self) -> bytes:
        """Return it as it is written: text that people can read."""
        return msgspec.json.encode(self, order="sorted")


def new_key() -> bytes:
    """Return a key that no other claim has."""
    return CLAIM + uuid4().hex.encode()


def first_claim(entries: Mapping[bytes, bytes | None]) -> Claim | None:
    """Return the claim that holds, of records in the order of their offsets; None without any.

    What is none, written by another program, is passed over.
    """
    for key, value in entries.items():
        if key.startswith(CLAIM) and value is not None and (found := read_claim(value)) is not None:
            return found
    return None


def read_claim(value: bytes) -> Claim | None:
    """Return the claim in a record; None if it is none."""
    try:
        return msgspec.json.decode(value, type=Claim)
    except NOT_READABLE:
        return None


def differences(ours: Claim, theirs: Claim, prefix: str) -> list[str]:
    """Return in what a claim differs from the one that holds: harm and remedy of each.

    Ids are compared where both know them: brokers before Kafka 2.8 have none.
    """
    return [
        *_recreated(ours, theirs, prefix),
        *_recounted(ours, theirs, prefix),
        *_other_terms(ours.terms, theirs.terms),
    ]


def recreated(prefix: str, topic: str) -> str:
    """Return what is said of a topic that was created anew after others had read it."""
    kept = " Keep the event topics as they are" if topic in EVENT_TOPICS else ""
    return (
        f"the topic {prefix}{topic} was removed and created again: what was read of the one before "
        "stands in the state, and new records would be taken for ones read already. Stop all "
        f"workers, create topics under a new {variable('topic_prefix')} with `aboveboard topics`, "
        "and send all events there once more" + (f".{kept}" if kept else "")
    )


def recounted(prefix: str, topic: str, before: int, now: int) -> str:
    """Return what is said of a topic whose number of partitions has changed."""
    return (
        f"the topic {prefix}{topic} had {before} partitions when this installation began and has "
        f"{now} now: records of one account are in two partitions, and what belongs together does "
        f"not meet. Stop all workers, create topics under a new {variable('topic_prefix')} with "
        "`aboveboard topics --partitions N`, and send all events there once more. Keep the event "
        "topics until that is done: partitions cannot be taken away again"
    )


def _recreated(ours: Claim, theirs: Claim, prefix: str) -> Iterable[str]:
    for topic, id_then in theirs.topics.items():
        id_now = ours.topics.get(topic)
        if id_then and id_now and id_now != id_then:
            yield recreated(prefix, topic)


def _recounted(ours: Claim, theirs: Claim, prefix: str) -> Iterable[str]:
    for topic, before in theirs.partitions.items():
        now = ours.partitions.get(topic, before)
        if now != before:
            yield recounted(prefix, topic, before, now)


def _other_terms(ours: Terms, theirs: Terms) -> Iterable[str]:
    prefix = variable("topic_prefix")
    if ours.settings != theirs.settings:
        yield (
            f"this installation runs under settings {theirs.settings}, and these are "
            f"{ours.settings}: its workers would judge by different rules. Give every worker the "
            f"same --config, or use another {prefix} and send all events there"
        )
    if ours.group != theirs.group:
        yield (
            f"the workers of this installation are the consumer group {theirs.group}, and this one "
            f"would be {ours.group}: two groups read and alert everything twice, and write over "
            f"each other's state. Set {variable('group')} alike everywhere, or use another {prefix}"
        )
    if ours.state != theirs.state:
        yield (
            f"this installation keeps its state as {', '.join(theirs.state)}, and this release "
            f"writes {', '.join(ours.state)}: run the same version of Aboveboard everywhere, or "
            f"use another {prefix} and send all events there"
        )
    elif ours.release != theirs.release:
        yield (
            f"this installation was begun by version {theirs.release} of Aboveboard, and this is "
            f"version {ours.release}: run the same version everywhere, or use another {prefix} and "
            "send all events there"
        )
