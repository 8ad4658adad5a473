"""Examples of a pattern: events that a newcomer can read, and the verdict on their sale."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import (
    Access,
    AccountActivity,
    Agent,
    AnyEvent,
    Cancellation,
    Interaction,
    RosteredHours,
    Sale,
)
from detectors.facts.account import Verdict

_SOLD_AT: Final = datetime(2025, 3, 3, 10, tzinfo=UTC)


class PatternExample(Struct, frozen=True):
    """What happened in a sentence and in events, and the verdict on the first sale among them.

    ``honest`` is how the explanation begins, of those that its pattern checks, that it shows.
    """

    story: str
    verdict: Verdict
    events: tuple[AnyEvent, ...]
    honest: str = ""


def sold(days: float = 0.0, **fields: Any) -> Sale:  # noqa: ANN401 - fields of the event
    """Return the event of a sale, so many days after the first one of an example."""
    known: dict[str, Any] = {
        "event_id": f"e-sold-{days:g}",
        "account_id": AccountId("account-1"),
        "occurred_at": after(days),
        "sale_id": SaleId("sale-1"),
        "customer_id": "customer-1",
        "agent_id": AgentId("agent-1"),
        "product": "card",
        "amount": 120.0,
    }
    return Sale(**(known | fields))


def cancelled(days: float, **fields: Any) -> Cancellation:  # noqa: ANN401 - fields of the event
    """Return the event of its cancellation by the customer, so many days later."""
    known: dict[str, Any] = {
        "event_id": f"e-cancelled-{days:g}",
        "account_id": AccountId("account-1"),
        "occurred_at": after(days),
        "sale_id": SaleId("sale-1"),
        "reason": "customer_request",
        "initiated_by": "customer",
    }
    return Cancellation(**(known | fields))


def used(days: float, **fields: Any) -> AccountActivity:  # noqa: ANN401 - fields of the event
    """Return the event of a use of the account by its customer, so many days later."""
    known: dict[str, Any] = {
        "event_id": f"e-used-{days:g}",
        "account_id": AccountId("account-1"),
        "occurred_at": after(days),
        "kind": "usage",
        "initiated_by": "customer",
    }
    return AccountActivity(**(known | fields))


def met(days: float, **fields: Any) -> Interaction:  # noqa: ANN401 - fields of the event
    """Return the event of an interaction of the agent with the customer, so many days later."""
    known: dict[str, Any] = {
        "event_id": f"e-met-{days:g}",
        "account_id": AccountId("account-1"),
        "occurred_at": after(days),
        "agent_id": AgentId("agent-1"),
        "customer_id": "customer-1",
    }
    return Interaction(**(known | fields))


def looked_up(days: float, **fields: Any) -> Access:  # noqa: ANN401 - fields of the event
    """Return the event of an access of the agent to the customer's data, so many days later."""
    known: dict[str, Any] = {
        "event_id": f"e-looked-up-{days:g}",
        "account_id": AccountId("account-1"),
        "occurred_at": after(days),
        "agent_id": AgentId("agent-1"),
        "customer_id": "customer-1",
    }
    return Access(**(known | fields))


def known(days: float, **fields: Any) -> Agent:  # noqa: ANN401 - fields of the event
    """Return the event of master data of the agent, so many days later."""
    usual: dict[str, Any] = {
        "event_id": f"e-known-{days:g}",
        "account_id": AccountId("agent-1"),
        "occurred_at": after(days),
        "agent_id": AgentId("agent-1"),
    }
    return Agent(**(usual | fields))


def rostered(days: float, begins: float = -1 / 12, told: float | None = None) -> RosteredHours:
    """Return a shift of the agent on a day so many days after the first sale, told then or later.

    It begins two hours before that sale's time of day, or so many days after it, and lasts six
    hours and a half.
    """
    starts = after(days + begins)
    return RosteredHours(
        event_id=f"e-rostered-{days + begins:g}",
        account_id=AccountId("agent-1"),
        occurred_at=after(days if told is None else told),
        agent_id=AgentId("agent-1"),
        starts_at=starts,
        ends_at=starts + timedelta(hours=6.5),
    )


def after(days: float) -> datetime:
    """Return the moment so many days after the first sale of an example."""
    return _SOLD_AT + timedelta(days=days)
