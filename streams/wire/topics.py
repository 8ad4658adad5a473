"""Every topic of Aboveboard: its name, its keys, how many partitions and how it is cleaned up."""

from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct


class Topic(StrEnum):
    """Names of the topics, without the prefix of an installation."""

    SALES = "sales"
    CANCELLATIONS = "cancellations"
    ACCOUNT_ACTIVITY = "account-activity"
    MENTIONS = "mentions"
    OUTCOMES = "outcomes"
    PEER_TOTALS = "peer-totals"
    PEER_EXPECTATIONS = "peer-expectations"
    ALERTS = "alerts"
    ALERTS_CURRENT = "alerts-current"
    COMMISSION_ACTIONS = "commission-actions"
    VERIFICATION_REQUESTS = "verification-requests"
    COMMENDATIONS = "commendations"
    DECISIONS = "decisions"
    CASES_CURRENT = "cases-current"
    LOOKUPS = "lookups"
    ALERT_DELIVERIES = "alert-deliveries"
    DEAD_LETTERS = "dead-letters"
    DEAD_LETTER_RECEIPTS = "dead-letter-receipts"
    LEDGER_STATE = "ledger-state"
    KEYS_STATE = "keys-state"
    AGENTS_STATE = "agents-state"
    PEERS_STATE = "peers-state"
    INSTALLATION = "installation"


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
# What is erased goes within a day, not whenever a file is full. That it was erased is known for a
# hundred years: a keeper of cases, or a subscriber, may read after any time what made it.
_ERASABLE: Final = {
    **_COMPACTED,
    "max.compaction.lag.ms": "86400000",
    "delete.retention.ms": "3153600000000",
}
# A case holds everything that people said about it.
_LARGE_CASES: Final = {**_ERASABLE, "max.message.bytes": "16777216"}
# A list that was shown names every person in it.
_LOOKUPS: Final = {**_FOREVER, "max.message.bytes": "4194304"}
# State is written again and again: small files that are cleaned soon keep what a restart reads in
# bounds. Removals stay long enough for whoever reads meanwhile.
_STATE: Final = {
    **_COMPACTED,
    "segment.bytes": "67108864",
    "segment.ms": "600000",
    "min.cleanable.dirty.ratio": "0.2",
    "max.compaction.lag.ms": "1800000",
    "delete.retention.ms": "3600000",
}


class Partitions(Struct, frozen=True):
    """How many partitions the topics of an installation have.

    ``accounts``: those whose records are about accounts. ``agents``: those between the stages that
    judge agents, which is a day's work at once: it costs less than joining, and more the more
    partitions there are. The ledgers of keys are among those: each waits for every partition of
    accounts, and every one of the agents for each of them.
    """

    accounts: int
    agents: int


ACCOUNTS_TO_AGENTS: Final = 4


def partitions_for(accounts: int, agents: int | None = None) -> Partitions:
    """Return the numbers for so many partitions of the event topics; None for what is usual."""
    usual = max(1, accounts // ACCOUNTS_TO_AGENTS)
    return Partitions(accounts, usual if agents is None else agents)


class TopicPlan(Struct, frozen=True):
    """How a topic is to be created.

    ``key`` says what its records are keyed by, ``spread`` how many partitions it has.
    """

    topic: Topic
    key: str
    settings: dict[str, str]
    spread: Literal["accounts", "agents", "one"] = "accounts"

    def count(self, partitions: Partitions) -> int:
        """Return its number of partitions in an installation with these."""
        if self.spread == "one":
            return 1
        return partitions.accounts if self.spread == "accounts" else partitions.agents


CATALOGUE: Final = (
    TopicPlan(Topic.SALES, "account_id", _FOREVER),
    TopicPlan(Topic.CANCELLATIONS, "account_id", _FOREVER),
    TopicPlan(Topic.ACCOUNT_ACTIVITY, "account_id", _FOREVER),
    TopicPlan(Topic.MENTIONS, "ledger partition", _TWO_WEEKS, "agents"),
    TopicPlan(Topic.OUTCOMES, "ledger partition", _TWO_WEEKS, "agents"),
    TopicPlan(Topic.PEER_TOTALS, "agents partition", _TWO_WEEKS, "one"),
    TopicPlan(Topic.PEER_EXPECTATIONS, "day", _TWO_WEEKS, "agents"),
    TopicPlan(Topic.ALERTS, "alert_id", _FOREVER),
    TopicPlan(Topic.ALERTS_CURRENT, "alert_id", _ERASABLE),
    TopicPlan(Topic.COMMISSION_ACTIONS, "commission_id", _ERASABLE),
    TopicPlan(Topic.VERIFICATION_REQUESTS, "sale_id", _FOREVER),
    TopicPlan(Topic.COMMENDATIONS, "commendation_id", _FOREVER, "one"),
    TopicPlan(Topic.DECISIONS, "case_id", _FOREVER, "one"),
    TopicPlan(Topic.CASES_CURRENT, "case_id", _LARGE_CASES, "one"),
    TopicPlan(Topic.LOOKUPS, "login", _LOOKUPS, "one"),
    TopicPlan(Topic.ALERT_DELIVERIES, "alert_id and severity, or webhook", _STATE, "one"),
    TopicPlan(Topic.DEAD_LETTERS, "as received", _FOREVER),
    TopicPlan(Topic.DEAD_LETTER_RECEIPTS, "letter id", _COMPACTED, "one"),
    TopicPlan(Topic.LEDGER_STATE, "part of the state", _STATE),
    TopicPlan(Topic.KEYS_STATE, "part of the state", _STATE, "agents"),
    TopicPlan(Topic.AGENTS_STATE, "part of the state", _STATE, "agents"),
    TopicPlan(Topic.PEERS_STATE, "part of the state", _STATE, "one"),
    TopicPlan(Topic.INSTALLATION, "claim, or beat of a worker", _STATE, "one"),
)


def topic_name(prefix: str, topic: Topic) -> str:
    """Return the name of a topic in an installation with this prefix."""
    return f"{prefix}{topic.value}"
