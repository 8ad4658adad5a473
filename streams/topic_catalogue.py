"""Every topic of Aboveboard: its name, its keys, how many partitions and how it is cleaned up."""

from enum import StrEnum
from typing import Final

from msgspec import Struct


class Topic(StrEnum):
    """Names of the topics, without the prefix of an installation."""

    SALES = "sales"
    CANCELLATIONS = "cancellations"
    ACCOUNT_ACTIVITY = "account-activity"
    OUTCOMES = "outcomes"
    PEER_TOTALS = "peer-totals"
    PEER_EXPECTATIONS = "peer-expectations"
    ALERTS = "alerts"
    ALERTS_CURRENT = "alerts-current"
    DEAD_LETTERS = "dead-letters"
    LEDGER_STATE = "ledger-state"
    AGENTS_STATE = "agents-state"
    PEERS_STATE = "peers-state"


EVENT_TOPICS: Final[dict[Topic, str]] = {
    Topic.SALES: "sale",
    Topic.CANCELLATIONS: "cancellation",
    Topic.ACCOUNT_ACTIVITY: "account_activity",
}
"""The topics that sources write to, with the type of event each holds."""

# Times of records are those of their arrival. Producers may send event times, and a replay of past
# years would be deleted at once, a simulated future refused.
_ARRIVAL_TIME: Final = {"message.timestamp.type": "LogAppendTime"}
_FOREVER: Final = {"cleanup.policy": "delete", "retention.ms": "-1", **_ARRIVAL_TIME}
_TWO_WEEKS: Final = {**_FOREVER, "retention.ms": "1209600000"}
_COMPACTED: Final = {"cleanup.policy": "compact", **_ARRIVAL_TIME}


class TopicPlan(Struct, frozen=True):
    """How a topic is to be created.

    ``key`` says what its records are keyed by. A topic that is not ``partitioned`` has one
    partition, whatever the installation's number.
    """

    topic: Topic
    key: str
    settings: dict[str, str]
    partitioned: bool = True


CATALOGUE: Final = (
    TopicPlan(Topic.SALES, "account_id", _FOREVER),
    TopicPlan(Topic.CANCELLATIONS, "account_id", _FOREVER),
    TopicPlan(Topic.ACCOUNT_ACTIVITY, "account_id", _FOREVER),
    TopicPlan(Topic.OUTCOMES, "ledger partition", _TWO_WEEKS),
    TopicPlan(Topic.PEER_TOTALS, "agents partition", _TWO_WEEKS, partitioned=False),
    TopicPlan(Topic.PEER_EXPECTATIONS, "day", _TWO_WEEKS),
    TopicPlan(Topic.ALERTS, "alert_id", _FOREVER),
    TopicPlan(Topic.ALERTS_CURRENT, "alert_id", _COMPACTED),
    TopicPlan(Topic.DEAD_LETTERS, "as received", _FOREVER),
    TopicPlan(Topic.LEDGER_STATE, "account_id", _COMPACTED),
    TopicPlan(Topic.AGENTS_STATE, "part of a snapshot", _COMPACTED),
    TopicPlan(Topic.PEERS_STATE, "part of a snapshot", _COMPACTED, partitioned=False),
)


def topic_name(prefix: str, topic: Topic) -> str:
    """Give the name of a topic in an installation with this prefix."""
    return f"{prefix}{topic.value}"
