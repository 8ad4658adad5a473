"""What a source system says happened: the events on the wire.

Every event names the account it is about. Unknown fields are ignored, so that sources may send more
than is read here. What a verdict needs (ids, time, type) is refused where it cannot be read; any
other value that cannot be read becomes unknown, and is counted (`detectors.reading`).

``..._as_sent`` keeps what stood in a field that could not be read, or was no word of its list. A
source that translates words itself may send it, beside ``other`` or ``unknown``.
"""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from detectors.basis.identifiers import AccountId, AgentId, SaleId

TYPE_FIELD = "type"

_ID: Final = Meta(min_length=1, max_length=256, description="an opaque identifier")
Identifier = Annotated[str, _ID]
Text = Annotated[str, Meta(max_length=1024)]
Moment = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 date and time with an offset, or Z")
]
Money = Annotated[float, Meta(ge=0, description="an amount of money, never negative")]
Sentiment = Annotated[float, Meta(ge=-1, le=1)]
Count = Annotated[int, Meta(ge=0)]
Version = Annotated[
    int,
    Meta(ge=1, le=2**53 - 1, description="counts what was said of one sale; the greatest holds"),
]

Initiator = Literal["customer", "agent", "system", "unknown"]
CancellationReason = Literal[
    "customer_request",
    "returned",
    "never_ordered",
    "service_fault",
    "non_payment",
    "no_show",
    "price",
    "moved",
    "deceased",
    "replaced",
    "duplicate",
    "other",
]
ActivityKind = Literal[
    "login",
    "usage",
    "payment",
    "deposit",
    "withdrawal",
    "contact_change",
    "verification",
    "survey",
    "complaint",
    "closed",
    "other",
]


class Event(Struct, frozen=True, kw_only=True, gc=False, tag_field=TYPE_FIELD):
    """What every event carries.

    ``event_id`` is unique over all sources: a repeat is a duplicate. ``schema_version`` names the
    major version of this contract; a version this engine does not know is refused.
    """

    event_id: Identifier
    account_id: Annotated[AccountId, _ID]
    occurred_at: Moment
    schema_version: Literal[1] = 1


class Sale(Event, frozen=True, kw_only=True, gc=False, tag="sale"):
    """Something was sold. ``agent_id`` is null where no person sold it.

    ``customer_id`` and ``amount`` are null where nobody knows them. ``replaces_sale_id`` is the
    sale that this one takes the place of. ``version`` says which of several claims about one sale
    corrects the others: the greatest, where `corrections.versions` believes it; null is 1.
    ``consented_at`` is when the customer agreed, as ``consent_id`` has it; ``verified_at``, when
    ``verifier_id``, of ``verifier_team``, had confirmed it.
    """

    sale_id: Annotated[SaleId, _ID]
    customer_id: Identifier | None
    agent_id: Annotated[AgentId, _ID] | None
    product: Identifier
    amount: Money | None
    channel: Identifier | None = None
    site: Identifier | None = None
    team: Identifier | None = None
    commission: Money | None = None
    booked_at: Moment | None = None
    interaction_id: Identifier | None = None
    interaction_reason: Text | None = None
    sentiment: Sentiment | None = None
    offer_refused: bool | None = None
    closing_attempts: Count | None = None
    need_identified: bool | None = None
    recap_given: bool | None = None
    fees_disclosed: bool | None = None
    consent_id: Identifier | None = None
    consented_at: Moment | None = None
    verifier_id: Identifier | None = None
    verifier_team: Identifier | None = None
    verified_at: Moment | None = None
    quoted_product: Identifier | None = None
    quoted_amount: Money | None = None
    out_of_stock: bool | None = None
    replaces_sale_id: Annotated[SaleId, _ID] | None = None
    email_hash: Text | None = None
    phone_hash: Text | None = None
    address_hash: Text | None = None
    payer_hash: Text | None = None
    version: Version | None = None


class Cancellation(Event, frozen=True, kw_only=True, gc=False, tag="cancellation"):
    """A sale was undone. ``agent_id`` is who keyed it, not who sold it.

    ``refund`` is what was paid back; null is all of it, 0 says that there was nothing to pay back.
    """

    sale_id: Annotated[SaleId, _ID]
    reason: CancellationReason
    initiated_by: Initiator
    agent_id: Annotated[AgentId, _ID] | None = None
    fee: Money | None = None
    refund: Money | None = None
    reason_as_sent: Text | None = None
    initiated_by_as_sent: Text | None = None
    refund_as_sent: Text | None = None


class AccountActivity(Event, frozen=True, kw_only=True, gc=False, tag="account_activity"):
    """Something was done with an account. Only the customer's own doing is use of it.

    ``agent_id`` is who keyed it. ``result`` is free text, but for ``seller_device``: that it was
    done on the device of who sold the account. A change of contact may say what it was, and what it
    became: hashes that are only compared with each other.
    """

    kind: ActivityKind
    initiated_by: Initiator
    agent_id: Annotated[AgentId, _ID] | None = None
    amount: float | None = None
    counterparty_account_id: Annotated[AccountId, _ID] | None = None
    result: Text | None = None
    former_contact_hash: Text | None = None
    contact_hash: Text | None = None
    kind_as_sent: Text | None = None
    initiated_by_as_sent: Text | None = None


class AccountMerged(Event, frozen=True, kw_only=True, gc=False, tag="account_merged"):
    """An account became part of another one: from then on its uses are told under that id.

    ``account_id`` is the one that ended, ``into_account_id`` the one that goes on.
    """

    into_account_id: Annotated[AccountId, _ID]


class Interaction(Event, frozen=True, kw_only=True, gc=False, tag="interaction"):
    """An agent and a customer had to do with each other: a call, a visit, a chat, a letter.

    ``occurred_at`` is when it began, ``account_id`` what it was about; where that is no account, it
    is the customer's id, or that of the interaction. Null are ``agent_id`` where no person took
    part, and ``customer_id`` where nobody knows them.
    """

    agent_id: Annotated[AgentId, _ID] | None
    customer_id: Identifier | None
    interaction_id: Identifier | None = None
    channel: Identifier | None = None
    ended_at: Moment | None = None
    reason: Text | None = None
    outcome: Text | None = None


class Access(Event, frozen=True, kw_only=True, gc=False, tag="access"):
    """Somebody looked at data of a customer: a record was opened, a credit file was asked for.

    ``account_id`` is whose data it was, as in an `Interaction`. ``interaction_id`` is that of the
    interaction in which it was done, null where it names none.
    """

    agent_id: Annotated[AgentId, _ID] | None
    customer_id: Identifier | None
    interaction_id: Identifier | None = None
    purpose: Text | None = None


class AgentMerged(Event, frozen=True, kw_only=True, gc=False, tag="agent_merged"):
    """One id of an agent became part of another one: both are the same person.

    ``agent_id`` is the one that ended, ``into_agent_id`` the one that goes on. It is about no
    account: ``account_id`` repeats the id that ended, and every partition holds such a record.
    """

    agent_id: Annotated[AgentId, _ID]
    into_agent_id: Annotated[AgentId, _ID]


class Agent(Event, frozen=True, kw_only=True, gc=False, tag="agent"):
    """What an agent's master data says of them: contacts of their own, hashes as sales bear them.

    Several events add up. ``account_id`` repeats the agent. Null is ``agent_id`` where it is
    nobody's. ``started_at`` is when they began to sell. Where they belong decides nothing: a sale
    tells its own ``site`` and ``team``.
    """

    agent_id: Annotated[AgentId, _ID] | None
    email_hash: Text | None = None
    phone_hash: Text | None = None
    address_hash: Text | None = None
    payer_hash: Text | None = None
    started_at: Moment | None = None
    site: Identifier | None = None
    team: Identifier | None = None


class RosteredHours(Event, frozen=True, kw_only=True, gc=False, tag="roster"):
    """Hours for which an agent is on the roster: a shift, as planned or as worked.

    ``occurred_at`` is when that was said, ``account_id`` repeats the agent. Null is ``agent_id``
    where it is nobody's.
    """

    agent_id: Annotated[AgentId, _ID] | None
    starts_at: Moment
    ends_at: Moment


OfAgent = Interaction | Access | Agent | RosteredHours
"""What is about an agent and no account: the ledger of that agent is told of it."""

WithActivity = AccountMerged | AgentMerged | OfAgent
AccountEvent = Sale | Cancellation | AccountActivity | AccountMerged
AnyEvent = AccountEvent | AgentMerged | OfAgent
EVENT_TYPES: dict[str, type[Sale] | type[Cancellation] | type[AccountActivity]] = {
    "sale": Sale,
    "cancellation": Cancellation,
    "account_activity": AccountActivity,
}
"""What happens all the time: each type has a topic of its own, whose records may leave it out."""

TRAFFIC_TYPES: Final[dict[str, type[Interaction] | type[Access]]] = {
    "interaction": Interaction,
    "access": Access,
}
"""What is about an agent and a customer, and no account."""

AGENT_MERGED: Final = "agent_merged"
_WITH_ACTIVITY: Final[dict[str, type[AnyEvent]]] = {
    "account_merged": AccountMerged,
    AGENT_MERGED: AgentMerged,
    **TRAFFIC_TYPES,
    "agent": Agent,
    "roster": RosteredHours,
}
"""What stands in the topic of activity as well, and must name its type there."""

WIRE_TYPES: Final[dict[str, type[AnyEvent]]] = {**EVENT_TYPES, **_WITH_ACTIVITY}
"""Every type that a record may name."""


def types_in(topic_of: str) -> tuple[str, ...]:
    """Return the types that the topic of an event type holds."""
    return (topic_of, *_WITH_ACTIVITY) if topic_of == "account_activity" else (topic_of,)
