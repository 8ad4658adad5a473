"""Creates the topics of the catalogue, and checks those that are there."""

import time
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from kafka import TopicPartition
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient, OffsetSpec
from kafka.errors import NotLeaderForPartitionError, UnknownTopicOrPartitionError, for_code
from msgspec import Struct
from msgspec.structs import replace

from streams.broker.access import admin_client, partition_counts
from streams.broker.cluster_view import settings_of
from streams.broker.retention import SETTING as RETENTION
from streams.broker.security import OPEN, BrokerSecurity
from streams.broker.topic_rules import CLEANUP, policies
from streams.errors import BrokerError
from streams.wire.topics import CATALOGUE, Topic, TopicPlan, partitions_for, topic_name

DEFAULT_PARTITIONS: Final = 4

_LEADERS_SECONDS: Final = 10.0
_LOOK_AGAIN_SECONDS: Final = 0.05


class TopicReport(Struct, frozen=True):
    """What became of one topic.

    ``missing``: it was not there before, and was created unless this was a dry run.
    ``differing``: what settings of a topic that was there should be and are not, and ``remarks``
    the same in words.
    """

    name: str
    partitions: int
    settings: Mapping[str, str]
    missing: bool
    differing: Mapping[str, str] = MappingProxyType({})
    remarks: tuple[str, ...] = ()


def create_topics(
    bootstrap: str,
    prefix: str = "",
    partitions: int = DEFAULT_PARTITIONS,
    replication_factor: int = 1,
    *,
    agents_partitions: int | None = None,
    dry_run: bool = False,
    retention: Mapping[Topic, str] = MappingProxyType({}),
    security: BrokerSecurity = OPEN,
) -> list[TopicReport]:
    """Create the topics of the catalogue that are not there; check the others. Idempotent.

    `partitions` is the number of the event topics, `agents_partitions` that of the topics between
    the stages that judge agents (None: a quarter of it). A dry run checks and creates nothing.
    `retention` replaces the catalogue's, in milliseconds. Settings of topics that are there are not
    changed (`apply_settings`).

    Raises
    ------
    BrokerError
        The broker does not answer or refuses, or a topic is there with another number of
        partitions or another cleanup policy. Nothing is created then.
    """
    numbers = partitions_for(partitions, agents_partitions)
    with admin_client(bootstrap, security) as client:
        found = partition_counts(client)
        plans = {topic_name(prefix, plan.topic): plan for plan in CATALOGUE}
        there = settings_of(client, [name for name in plans if name in found]) or {}
        reports = [
            _report(
                name,
                _with_retention(plan, retention),
                plan.count(numbers),
                there.get(name),
                found=name in found,
            )
            for name, plan in plans.items()
        ]
        _refuse_mismatches(bootstrap, reports, found, there)
        new = [report for report in reports if report.missing]
        if new and not dry_run:
            _create(client, bootstrap, new, replication_factor)
    return reports


def apply_settings(
    bootstrap: str, reports: Iterable[TopicReport], security: BrokerSecurity = OPEN
) -> None:
    """Give topics that were there the settings that they lack, and leave all others as they are.

    Raises
    ------
    BrokerError
        The broker does not answer or refuses; some may have been changed.
    """
    changes = [
        ConfigResource(ConfigResourceType.TOPIC, report.name, dict(report.differing))
        for report in reports
        if report.differing
    ]
    if not changes:
        return
    with admin_client(bootstrap, security) as client:
        results = client.alter_configs(changes)["topic"]
    refused = [f"{name}: {result}" for name, result in results.items() if result != "OK"]
    if refused:
        raise BrokerError(
            f"the broker at {bootstrap} refused to change {'; '.join(refused)}. Fix what it says "
            "and run this again. Rights it may lack: aboveboard topics --acl --role topics"
        )


def _with_retention(plan: TopicPlan, retention: Mapping[Topic, str]) -> TopicPlan:
    if plan.topic not in retention:
        return plan
    return replace(plan, settings={**plan.settings, RETENTION: retention[plan.topic]})


def _report(
    name: str, plan: TopicPlan, partitions: int, there: Mapping[str, str] | None, *, found: bool
) -> TopicReport:
    present = {} if there is None else there
    differing = {
        setting: wanted
        for setting, wanted in plan.settings.items()
        if present.get(setting, wanted) != wanted
    }
    remarks = tuple(
        f"{setting} is {present[setting]} where {wanted} is wanted"
        for setting, wanted in differing.items()
    )
    return TopicReport(
        name, partitions, plan.settings, missing=not found, differing=differing, remarks=remarks
    )


def _refuse_mismatches(
    bootstrap: str,
    reports: list[TopicReport],
    found: Mapping[str, int],
    there: Mapping[str, Mapping[str, str]],
) -> None:
    """Raise for topics that would break the engine: keys in other partitions, or lost records."""
    problems = []
    for report in reports:
        if report.missing:
            continue
        if found[report.name] != report.partitions:
            problems.append(
                f"{report.name} has {counted(found[report.name])}, {report.partitions} wanted"
            )
        wanted = report.settings[CLEANUP]
        policy = there.get(report.name, {}).get(CLEANUP, wanted)
        if policies(policy) != policies(wanted):
            problems.append(f"{report.name} has {CLEANUP}={policy}, {wanted} wanted")
    if problems:
        raise BrokerError(
            f"topics at {bootstrap} are not as they must be: {'; '.join(problems)}. Run with the "
            "--partitions and --agents-partitions they have, set the cleanup policy back with the "
            "tools of the broker, or use another --topic-prefix"
        )


def _create(
    client: KafkaAdminClient, bootstrap: str, reports: list[TopicReport], replication_factor: int
) -> None:
    wanted = {
        report.name: {
            "num_partitions": report.partitions,
            "replication_factor": replication_factor,
            "configs": dict(report.settings),
        }
        for report in reports
    }
    answer = client.create_topics(wanted, raise_errors=False)
    refused = [
        f"{topic['name']}: {topic['error_message'] or for_code(topic['error_code']).__name__}"
        for topic in answer["topics"]
        if topic["error_code"]
    ]
    if refused:
        raise BrokerError(
            f"the broker at {bootstrap} refused to create {'; '.join(refused)}. Fix what it says "
            "and run this again: topics that were created stay. Rights it may lack: aboveboard "
            "topics --acl --role topics"
        )
    client.wait_for_topics(list(wanted))
    _wait_for_leaders(client, reports)


def _wait_for_leaders(client: KafkaAdminClient, reports: list[TopicReport]) -> None:
    """Return once every partition answers.

    A broker announces its partitions before it serves them. A client that sends at once would be
    refused, and try again much later.
    """
    ends = {
        TopicPartition(report.name, number): OffsetSpec.LATEST
        for report in reports
        for number in range(report.partitions)
    }
    deadline = time.monotonic() + _LEADERS_SECONDS
    while True:
        try:
            client.list_partition_offsets(ends)
        except (NotLeaderForPartitionError, UnknownTopicOrPartitionError):
            if time.monotonic() > deadline:
                raise
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return


def counted(partitions: int) -> str:
    """Return a number of partitions in words."""
    return "1 partition" if partitions == 1 else f"{partitions} partitions"
