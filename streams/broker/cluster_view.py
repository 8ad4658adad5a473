"""What the broker says of an installation at one moment: its topics, its group, its oldest records.

Everything is asked with a connection of its own, which is closed again: a look every few seconds is
cheap, and a client that was kept would have to be told of brokers that come and go.
"""

import logging
import re
import struct
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import KafkaError
from msgspec import Struct

from streams.broker.access import admin_client
from streams.broker.security import BrokerSecurity
from streams.broker.topic_rules import TopicSettings

NO_ID: Final = ""
"""The id of a topic whose broker gives none: brokers before Kafka 2.8 know no topic ids."""

_ESCAPED: Final = re.compile(rb"\\x([0-9a-f]{2})")

_NIL: Final = "00000000-0000-0000-0000-000000000000"

_log: Final = logging.getLogger("aboveboard.broker")


class TopicView(Struct, frozen=True):
    """One topic.

    ``id`` names it for as long as it exists: a topic of the same name that is created later has
    another one. ``in_sync`` says of each partition how many copies have all records; 0 if it has no
    leader.
    """

    id: str
    in_sync: tuple[int, ...]

    @property
    def partitions(self) -> int:
        """The number of partitions."""
        return len(self.in_sync)


class Member(Struct, frozen=True):
    """A member of a consumer group: the address it comes from, and the topics it wants."""

    address: str
    topics: frozenset[str]


class ClusterView(Struct, frozen=True):
    """What was seen.

    ``settings`` and ``members`` are None if the broker does not tell: it may lack the permission,
    and the embedded broker describes no groups. ``starts`` are the offsets of the oldest records
    that are still there.
    """

    topics: Mapping[str, TopicView]
    settings: Mapping[str, TopicSettings] | None
    members: tuple[Member, ...] | None
    starts: Mapping[tuple[str, int], int]


def look(
    bootstrap: str,
    security: BrokerSecurity,
    topics: Collection[str],
    group: str,
    inputs: Iterable[tuple[str, int]] = (),
) -> ClusterView:
    """Return what the broker says now; blocks for seconds where it is slow.

    Parameters
    ----------
    bootstrap, security
        The broker, and TLS and user for it.
    topics, group
        Whole names of the topics, and the consumer group.
    inputs
        Partitions whose oldest offset is asked for.

    Raises
    ------
    BrokerError
        If the broker does not answer, or will not describe topics.
    """
    with admin_client(bootstrap, security) as client:
        found = {topic["name"]: topic for topic in client.describe_topics(list(topics))}
        views = {
            name: TopicView(_id(topic), _in_sync(topic["partitions"]))
            for name, topic in found.items()
            if not topic["error_code"]
        }
        there = [
            TopicPartition(name, number)
            for name, number in inputs
            if name in views and number < views[name].partitions
        ]
        return ClusterView(
            views, settings_of(client, list(views)), _members(client, group), _starts(client, there)
        )


def settings_of(
    client: KafkaAdminClient, names: Collection[str]
) -> dict[str, dict[str, str]] | None:
    """Return the settings of these topics, as far as the broker tells; None if it refuses."""
    if not names:
        return {}
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    try:
        # Asked for single settings, the embedded broker hangs up; it never calls one "modified".
        described = client.describe_configs(resources, config_filter="all").get("topic", {})
    except KafkaError as error:
        _log.debug("the settings of the topics are not told: %r", error)
        return None
    return {
        name: {setting: entry["value"] for setting, entry in settings.items()}
        for name, settings in described.items()
    }


def _id(topic: Mapping[str, Any]) -> str:
    found = str(topic["topic_id"] or NO_ID)
    return NO_ID if found == _NIL else found


def _in_sync(partitions: Iterable[Mapping[str, Any]]) -> tuple[int, ...]:
    by_number = {
        one["partition_index"]: len(one["isr_nodes"]) if one["leader_id"] >= 0 else 0
        for one in partitions
    }
    return tuple(count for _, count in sorted(by_number.items()))


def _members(client: KafkaAdminClient, group: str) -> tuple[Member, ...] | None:
    try:
        described = client.describe_groups([group])[group]
    except (KafkaError, ValueError) as error:
        # ValueError: the embedded broker answers with permissions that the client does not know.
        _log.debug("the members of %s are not told: %r", group, error)
        return None
    if described["error"] is not None:
        return None
    return tuple(
        Member(str(one["client_host"]).lstrip("/"), _topics(one["member_metadata"]))
        for one in described["members"]
    )


def _topics(subscription: object) -> frozenset[str]:
    """Return the topics that a member wants: nothing is known of one that is just joining.

    aiokafka, under Faust, writes less than the version that it names calls for. kafka-python then
    hands on the bytes as a text with escapes; topics stand at their beginning in every version,
    and their names have no backslash.
    """
    if isinstance(subscription, dict):
        return frozenset(subscription["topics"])
    if not isinstance(subscription, str):
        return frozenset()
    return topics_in(
        _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), subscription.encode())
    )


def topics_in(subscription: bytes) -> frozenset[str]:
    """Read the topics: a version, their number, and each with its length before it."""
    try:
        _, count = struct.unpack_from(">hi", subscription)
        found, position = set(), 6
        for _ in range(count):
            (length,) = struct.unpack_from(">h", subscription, position)
            position += 2 + length
            found.add(subscription[position - length : position].decode())
    except (struct.error, UnicodeDecodeError):
        return frozenset()
    return frozenset(found)


def _starts(
    client: KafkaAdminClient, partitions: Collection[TopicPartition]
) -> dict[tuple[str, int], int]:
    if not partitions:
        return {}
    try:
        found = client.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.EARLIEST))
    except KafkaError as error:
        _log.debug("the oldest offsets are not told: %r", error)
        return {}
    return {(place.topic, place.partition): at.offset for place, at in found.items()}
