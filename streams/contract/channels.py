"""The table of public topics: add a row, and it stands in the document and in its gates."""

from typing import Final, Literal, get_args

from msgspec import Struct

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.cases.case import Case
from detectors.commission.action import CommissionAction
from detectors.events.decision import Decision
from detectors.events.event import (
    Access,
    AccountActivity,
    AccountMerged,
    Agent,
    AgentMerged,
    Cancellation,
    Interaction,
    RosteredHours,
    Sale,
)
from streams.wire.lookup_record import Lookup
from streams.wire.topics import CATALOGUE, Topic, TopicPlan

DECISIONS: Final = get_args(Decision)


class Channel(Struct, frozen=True):
    """A topic that others write to or read.

    ``action`` is what Aboveboard does there: it receives what sources send, or sends what
    subscribers read. ``messages`` are what a value may be.
    """

    topic: Topic
    messages: tuple[type[Struct], ...]
    action: Literal["receive", "send"]
    words: str

    def plan(self) -> TopicPlan:
        """Return its key and how it is cleaned up."""
        return next(plan for plan in CATALOGUE if plan.topic is self.topic)

    def is_compacted(self) -> bool:
        """Return whether only the latest record of a key stays, and a tombstone takes it away."""
        return self.plan().settings["cleanup.policy"] == "compact"


CHANNELS: Final = (
    Channel(Topic.SALES, (Sale,), "receive", "What was sold."),
    Channel(Topic.CANCELLATIONS, (Cancellation,), "receive", "Which sales were undone."),
    Channel(
        Topic.ACCOUNT_ACTIVITY,
        (AccountActivity, AccountMerged, AgentMerged, Interaction, Access, Agent, RosteredHours),
        "receive",
        "What was done with accounts, who became part of whom, and who had to do with whom.",
    ),
    Channel(Topic.ALERTS, (Alert,), "send", "Every revision of every alert."),
    Channel(Topic.ALERTS_CURRENT, (Alert,), "send", "The latest revision of every alert."),
    Channel(
        Topic.COMMISSION_ACTIONS,
        (CommissionAction,),
        "send",
        "What becomes of the commission of each sale, where the settings ask for it.",
    ),
    Channel(
        Topic.VERIFICATION_REQUESTS,
        (VerificationRequest,),
        "send",
        "Which sales somebody else than their seller is to call back.",
    ),
    Channel(
        Topic.COMMENDATIONS,
        (Commendation,),
        "send",
        "Every revision of every commendation: agents whose sales are kept and used.",
    ),
    Channel(Topic.CASES_CURRENT, (Case,), "send", "The latest state of every case."),
    Channel(Topic.DECISIONS, DECISIONS, "receive", "What people decide about cases."),
    Channel(Topic.LOOKUPS, (Lookup,), "send", "Who looked at whom, by the desk."),
)
