"""Who needs which right on what: the access table of an installation.

Kafka grants rights to a principal (a user) on a resource, and everything else is refused where an
authorizer is set. Here each topic says who reads it and who writes it; what follows, by role, is in
`rights_of`. A topic without a line fails a test.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, Literal

from msgspec import Struct

from streams.wire.topics import CATALOGUE, EVENT_TOPICS, Topic, topic_name


class Role(StrEnum):
    """What somebody does: a command, or a program of others."""

    WORKER = "worker"
    CASES = "cases"
    TOPICS = "topics"
    REPLAY = "replay"
    COPY_EVENTS = "copy-events"
    ALERTS = "alerts"
    ALERTS_DECIDE = "alerts-decide"
    DESK = "desk"
    NOTIFY = "notify"
    DEAD_LETTERS = "dead-letters"
    DEAD_LETTERS_REPLAY = "dead-letters-replay"
    FORGET = "forget"
    SALES_SOURCE = "source-of-sales"
    CANCELLATIONS_SOURCE = "source-of-cancellations"
    ACCOUNT_ACTIVITY_SOURCE = "source-of-account-activity"
    SUBSCRIBER = "subscriber"
    VERIFIER = "verifier"
    COACH = "coach"
    AUDITOR = "auditor"


ROLES: Final[Mapping[Role, str]] = {
    Role.WORKER: "aboveboard worker",
    Role.CASES: "aboveboard cases",
    Role.TOPICS: "aboveboard topics",
    Role.REPLAY: "aboveboard replay, and copy-events into this prefix",
    Role.COPY_EVENTS: "aboveboard copy-events from this prefix",
    Role.ALERTS: "aboveboard alerts list, show, follow",
    Role.ALERTS_DECIDE: "aboveboard alerts decide: who decides about people",
    Role.DESK: "aboveboard desk: people decide through it",
    Role.NOTIFY: "aboveboard notify",
    Role.DEAD_LETTERS: "aboveboard dead-letters list, show",
    Role.DEAD_LETTERS_REPLAY: "aboveboard dead-letters replay",
    Role.FORGET: "aboveboard forget: who erases an account",
    Role.SALES_SOURCE: "the system that reports sales",
    Role.CANCELLATIONS_SOURCE: "the system that reports cancellations",
    Role.ACCOUNT_ACTIVITY_SOURCE: "the system that reports activity on accounts",
    Role.SUBSCRIBER: "a program that acts on alerts",
    Role.VERIFIER: "a program that has sales called back",
    Role.COACH: "a program that shows commendations, and must not read alerts",
    Role.AUDITOR: "a program that watches who decided what, and who looked at whom",
}
"""Who takes each role."""

Resource = Literal["topic", "group", "cluster"]
Operation = Literal[
    "Read",
    "Write",
    "Create",
    "Delete",
    "Describe",
    "DescribeConfigs",
    "AlterConfigs",
    "IdempotentWrite",
]

_IMPLY_DESCRIBE: Final = ("Read", "Write", "Delete")
"""Of the operations here, those that imply Describe on the same resource."""

THEIR_GROUP: Final = ""
"""The name of a group that its owner chooses."""


class Right(Struct, frozen=True):
    """Operations on one resource; ``when`` says that they are needed only then."""

    resource: Resource
    name: str
    operations: tuple[Operation, ...]
    when: str = ""


class TopicAccess(Struct, frozen=True):
    """Who reads a topic and who writes it."""

    readers: tuple[Role, ...]
    writers: tuple[Role, ...]


_SENDERS: Final = (Role.REPLAY, Role.DEAD_LETTERS_REPLAY)
_EVENT_READERS: Final = (Role.WORKER, Role.DESK, Role.COPY_EVENTS)
_LETTER_READERS: Final = (Role.DEAD_LETTERS, Role.DEAD_LETTERS_REPLAY)
_ALERT_READERS: Final = (Role.ALERTS, Role.SUBSCRIBER)
_WHO_DECIDES: Final = (*_ALERT_READERS, Role.ALERTS_DECIDE)
_WORKERS_OWN: Final = TopicAccess((Role.WORKER,), (Role.WORKER,))

ACCESS: Final[Mapping[Topic, TopicAccess]] = {
    Topic.SALES: TopicAccess(_EVENT_READERS, (*_SENDERS, Role.SALES_SOURCE)),
    Topic.CANCELLATIONS: TopicAccess(_EVENT_READERS, (*_SENDERS, Role.CANCELLATIONS_SOURCE)),
    Topic.ACCOUNT_ACTIVITY: TopicAccess(_EVENT_READERS, (*_SENDERS, Role.ACCOUNT_ACTIVITY_SOURCE)),
    Topic.MENTIONS: _WORKERS_OWN,
    Topic.OUTCOMES: _WORKERS_OWN,
    Topic.PEER_TOTALS: _WORKERS_OWN,
    Topic.PEER_EXPECTATIONS: _WORKERS_OWN,
    Topic.ALERTS: TopicAccess(
        (Role.CASES, Role.DESK, Role.NOTIFY, *_ALERT_READERS), (Role.WORKER,)
    ),
    Topic.ALERTS_CURRENT: TopicAccess(
        (*_WHO_DECIDES, Role.DESK, Role.NOTIFY), (Role.WORKER, Role.FORGET)
    ),
    Topic.COMMISSION_ACTIONS: TopicAccess((Role.SUBSCRIBER,), (Role.WORKER, Role.FORGET)),
    Topic.VERIFICATION_REQUESTS: TopicAccess((Role.VERIFIER,), (Role.WORKER,)),
    Topic.COMMENDATIONS: TopicAccess((Role.SUBSCRIBER, Role.COACH), (Role.WORKER,)),
    Topic.DECISIONS: TopicAccess(
        (Role.WORKER, Role.CASES, Role.DESK, Role.SUBSCRIBER, Role.AUDITOR),
        (Role.ALERTS_DECIDE, Role.DESK),
    ),
    Topic.CASES_CURRENT: TopicAccess(
        (Role.CASES, *_WHO_DECIDES, Role.DESK, Role.NOTIFY), (Role.CASES, Role.FORGET)
    ),
    Topic.LOOKUPS: TopicAccess((Role.AUDITOR,), (Role.DESK,)),
    Topic.ALERT_DELIVERIES: TopicAccess((Role.NOTIFY,), (Role.NOTIFY, Role.DEAD_LETTERS_REPLAY)),
    Topic.DEAD_LETTERS: TopicAccess(
        (*_LETTER_READERS, Role.DESK),
        (Role.WORKER, Role.CASES, Role.NOTIFY, Role.REPLAY, Role.FORGET),
    ),
    Topic.DEAD_LETTER_RECEIPTS: TopicAccess(_LETTER_READERS, (Role.DEAD_LETTERS_REPLAY,)),
    Topic.LEDGER_STATE: _WORKERS_OWN,
    Topic.KEYS_STATE: _WORKERS_OWN,
    Topic.AGENTS_STATE: _WORKERS_OWN,
    Topic.PEERS_STATE: _WORKERS_OWN,
    Topic.INSTALLATION: TopicAccess((Role.WORKER, Role.DESK), (Role.WORKER,)),
}

# What a role needs on every topic, beside reading and writing some. A worker looks for all of them
# before it starts, and at their settings as long as it runs.
_ON_EVERY_TOPIC: Final[Mapping[Role, tuple[Operation, ...]]] = {
    Role.WORKER: ("Describe", "DescribeConfigs"),
    Role.TOPICS: ("Create", "Describe", "DescribeConfigs"),
    # It looks for an id wherever one could stand, and says by which settings it goes.
    Role.FORGET: ("Read", "DescribeConfigs"),
}
_DELETES: Final[Mapping[Role, frozenset[Topic]]] = {Role.FORGET: frozenset({Topic.DEAD_LETTERS})}
_SOMETIMES: Final[Mapping[Role, tuple[tuple[Operation, str], ...]]] = {
    Role.TOPICS: (("AlterConfigs", "with --apply-settings"),),
}

SOURCES: Final[Mapping[Topic, Role]] = dict(
    zip(
        EVENT_TOPICS,
        (Role.SALES_SOURCE, Role.CANCELLATIONS_SOURCE, Role.ACCOUNT_ACTIVITY_SOURCE),
        strict=True,
    )
)
"""The role of whoever writes each event topic."""

_IDEMPOTENT: Final = (
    *_SENDERS,
    Role.ALERTS_DECIDE,
    Role.CASES,
    Role.DESK,
    Role.NOTIFY,
    Role.FORGET,
    *SOURCES.values(),
)
"""Who writes with a producer that stores nothing twice; a worker's own is not of that kind."""

_OLD_BROKERS: Final = "brokers before Kafka 3.0"
"""Since then the right to write any topic is enough for a producer that stores nothing twice."""


def notifiers_of(prefix: str, group: str) -> str:
    """Return the consumer group of the notifiers of an installation, of which one is active."""
    return f"{prefix}{group}-notify"


def rights_of(role: Role, prefix: str, group: str) -> Iterator[Right]:
    """Yield what a role needs in an installation, topics in the order of the catalogue.

    No role needs a right on a transactional id: nothing here writes in transactions.
    """
    for plan in CATALOGUE:
        name = topic_name(prefix, plan.topic)
        operations = tuple(_operations(role, plan.topic))
        if operations:
            yield Right("topic", name, operations)
        for operation, when in _SOMETIMES.get(role, ()):
            yield Right("topic", name, (operation,), when)
    if role is Role.WORKER:
        yield Right("group", f"{prefix}{group}", ("Read",))
    if role is Role.CASES:
        yield Right("group", cases_group(prefix, group), ("Read",))
    if role is Role.NOTIFY:
        yield Right("group", notifiers_of(prefix, group), ("Read",))
    if role in (Role.SUBSCRIBER, Role.COACH, Role.VERIFIER, Role.AUDITOR):
        yield Right("group", THEIR_GROUP, ("Read",))
    if role in _IDEMPOTENT:
        yield Right("cluster", "kafka-cluster", ("IdempotentWrite",), _OLD_BROKERS)


def cases_group(prefix: str, group: str) -> str:
    """Return the group in which the keepers of cases note the decisions that they have read."""
    return f"{prefix}{group}-cases"


def _operations(role: Role, topic: Topic) -> Iterator[Operation]:
    access = ACCESS[topic]
    if role in access.readers:
        yield "Read"
    if role in access.writers:
        yield "Write"
    if topic in _DELETES.get(role, ()):
        yield "Delete"
    implied = role in (*access.readers, *access.writers)
    for operation in _ON_EVERY_TOPIC.get(role, ()):
        if not (implied and operation == "Describe"):
            yield operation


def missing_operations(needed: Right, granted: frozenset[str]) -> list[Operation]:
    """Return the operations of a right that are not among the granted ones (in upper case)."""
    implied = {"DESCRIBE"} if granted & {one.upper() for one in _IMPLY_DESCRIBE} else set()
    have = granted | implied | ({"DESCRIBE_CONFIGS"} if "ALTER_CONFIGS" in granted else set())
    return [one for one in needed.operations if _in_kafka(one) not in have]


def _in_kafka(operation: Operation) -> str:
    """Return the name of an operation as the protocol's enumeration has it."""
    return "".join(f"_{c}" if c.isupper() and i else c for i, c in enumerate(operation)).upper()
