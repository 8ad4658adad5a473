"""Whether the topics of an installation fit together, and how many partitions they have."""

from streams.broker.access import require_topics
from streams.broker.security import BrokerSecurity
from streams.config.host import HostSettings
from streams.errors import TopicMismatch
from streams.wire.topics import CATALOGUE, Partitions, Topic, topic_name


def find_partitions(host: HostSettings, security: BrokerSecurity) -> Partitions:
    """Return the numbers of partitions of the installation.

    Raises
    ------
    BrokerError
        If the broker does not answer, or a topic is missing.
    TopicMismatch
        If a topic has another number of partitions than it must have.
    """
    names = {plan.topic: topic_name(host.topic_prefix, plan.topic) for plan in CATALOGUE}
    found = require_topics(host.broker, *names.values(), security=security)
    partitions = Partitions(found[names[Topic.SALES]], found[names[Topic.OUTCOMES]])
    for plan in CATALOGUE:
        name, wanted = names[plan.topic], plan.count(partitions)
        if found[name] != wanted:
            raise TopicMismatch(
                f"topic {name} has {found[name]} partitions and must have {wanted}, as "
                f"{names[Topic.SALES]} or {names[Topic.OUTCOMES]} has: what belongs together must "
                f"meet. Delete it and create it again with `aboveboard topics --broker "
                f"{host.broker} --partitions {partitions.accounts} --agents-partitions "
                f"{partitions.agents}`"
            )
    return partitions
