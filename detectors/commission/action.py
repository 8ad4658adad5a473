"""What becomes of the commission of one sale, on the wire: one current state a sale."""

from typing import Literal

from msgspec import Struct

from detectors.basis.content_id import content_id
from detectors.basis.durations import in_words
from detectors.basis.event_time import day_name, day_of
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.events.event import Moment
from detectors.messages.commissions import CommissionFact, OpenCritical

Action = Literal["release", "claw_back", "hold", "none"]

Because = Literal["kept", "came_back", "alert", "lifted", "unseen", "unclear", "nobody"]
"""Why an action is told; each has its sentence."""


class CommissionAction(Struct, frozen=True, kw_only=True):
    """The current state of the commission of one sale; a later revision takes the place of it.

    It follows from a rule of the contract and from open alerts: it accuses nobody. The same log of
    events gives the same actions, byte for byte.

    ``release``: the window has passed, and the product was kept. ``claw_back``: the product came
    back within the window. ``hold``: the alert ``alert_id``, *critical* and open, covers the sale,
    and a person looks at it first. ``none``: there is nothing to do, or nothing any more; what was
    told before is taken back. ``reason`` says why, in words.

    ``commission_id`` is the same for all revisions of one sale: an id of its account and its sale,
    for a ``sale_id`` may stand on two accounts. ``agent_id`` is who sold it by the records as they
    are corrected, null where that is nobody. ``amount`` is the commission as the sale names it, in
    the unit of the events; null where it names none. ``decided_at`` is a time of events.
    """

    commission_id: str
    revision: int
    action: Action
    sale_id: SaleId
    account_id: AccountId
    agent_id: AgentId | None
    amount: float | None
    reason: str
    alert_id: str | None
    sold_at: Moment
    window: str
    window_ends_at: Moment
    decided_at: Moment
    config_hash: str


def commission_id(account_id: AccountId, sale_id: SaleId) -> str:
    """Return the id under which the commission of a sale stands."""
    return content_id("commission", account_id, sale_id)


def reason_of(
    because: Because, sale: CommissionFact, window: str, held: OpenCritical | None
) -> str:
    """Return in words why an action is told of a sale, which `held` covers."""
    length, end = in_words(window), day_name(day_of(sale.due_at))
    if because == "kept":
        return f"The product was kept. Its window of {length} ended on {end}."
    if because == "came_back":
        return (
            f"The product came back within its window of {length}: by the contract the commission "
            "goes back with it. That says nothing about who sold it."
        )
    if because == "alert" and held is not None:
        return (
            f"An open critical alert about the seller covers sales from {day_name(held.since)} on. "
            "Nothing is decided about this sale before a person has looked at the alert."
        )
    return {
        "lifted": f"No critical alert covers the sale. Its window of {length} ends on {end}.",
        "unseen": "Cancellations could not be seen for all of the window: nobody can tell whether "
        "the product came back.",
        "unclear": "The records do not tell what became of the sale: claims about it contradict "
        "each other, its account became part of another one, records are missing or in the wrong "
        "place, or a refund cannot be read.",
        "nobody": "By the records as they stand, the sale is no agent's.",
    }.get(because, "")
