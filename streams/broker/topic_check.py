"""Whether the topics of an installation fit together, and how many partitions they have."""

import logging
from collections.abc import Mapping
from typing import Final

from streams.broker.access import admin_client, missing_topics, partition_counts
from streams.broker.cluster_view import settings_of
from streams.broker.security import BrokerSecurity
from streams.broker.topic_rules import TopicSettings, remarks, wrong_policy
from streams.config.host import HostSettings
from streams.errors import TopicMismatch
from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Partitions, Topic, topic_name

_log: Final = logging.getLogger("aboveboard.broker")


def find_partitions(
    host: HostSettings, security: BrokerSecurity, replay_needs: float = 0.0
) -> Partitions:
    """Return the numbers of partitions of the installation.

    Parameters
    ----------
    host, security
        The broker and the prefix, and TLS and user for it.
    replay_needs
        Milliseconds of events without which a replay tells other findings: topics that keep less
        are named in the log.

    Raises
    ------
    BrokerError
        If the broker does not answer, or a topic is missing.
    TopicMismatch
        If a topic has another number of partitions than it must have, or its records would be
        removed before their time.
    """
    names = {plan.topic: topic_name(host.topic_prefix, plan.topic) for plan in CATALOGUE}
    with admin_client(host.broker, security) as client:
        found = partition_counts(client)
        if missing := [name for name in names.values() if name not in found]:
            raise missing_topics(host.broker, missing)
        settings = settings_of(client, list(names.values()))
    partitions = _partitions(host, found)
    if settings is None:
        _log.warning(
            "the broker does not tell the settings of the topics: whether they are compacted, or "
            "changed later, goes unnoticed. Allow DescribeConfigs on them"
        )
    else:
        _look_at_settings(host, settings, replay_needs)
    return partitions


def _partitions(host: HostSettings, found: Mapping[str, int]) -> Partitions:
    prefix = host.topic_prefix
    sales, outcomes = topic_name(prefix, Topic.SALES), topic_name(prefix, Topic.OUTCOMES)
    partitions = Partitions(found[sales], found[outcomes])
    for plan in CATALOGUE:
        name, wanted = topic_name(prefix, plan.topic), plan.count(partitions)
        if found[name] == wanted:
            continue
        as_has = outcomes if plan.spread == "agents" else sales
        like = "" if plan.spread == "one" else f", as {as_has} has"
        most = max(
            found[topic_name(prefix, each.topic)] for each in CATALOGUE if each.spread == "accounts"
        )
        raise TopicMismatch(
            f"topic {name} has {found[name]} partitions and must have {wanted}{like}: what belongs "
            "together must meet. "
            + (
                "Keep the event topics, they may be the only copy. "
                if _is_event(plan.topic)
                else ""
            )
            + "Partitions cannot be taken away, and those that are added part what belongs "
            "together, so go on under a new prefix: create its topics with `aboveboard topics "
            f"--broker {host.broker} --topic-prefix NEW --partitions {most} --agents-partitions "
            f"{partitions.agents}`, let the sources write there, and send it all events once more"
        )
    return partitions


def _is_event(topic: Topic) -> bool:
    return topic in EVENT_TOPICS


def _look_at_settings(
    host: HostSettings, settings: Mapping[str, TopicSettings], replay_needs: float
) -> None:
    plans = {topic_name(host.topic_prefix, plan.topic): plan for plan in CATALOGUE}
    wrong = [wrong_policy(name, plan, settings.get(name, {})) for name, plan in plans.items()]
    if problems := [problem for problem in wrong if problem is not None]:
        raise TopicMismatch(f"at {host.broker}, {'; '.join(problems)}")
    for name, plan in plans.items():
        for remark in remarks(name, plan, settings.get(name, {}), replay_needs):
            _log.warning("%s", remark)
