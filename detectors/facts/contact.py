"""By what sales are known beside others: hashes of contact, payer and interaction, and customers.

They are kept as far as a pattern asks for them. Of two claims that are told as the same sale, their
contacts are joined: a value that only one of them names is taken, and where they name two, neither
stands. So it does not matter which of them came first, and no sender chooses for another.
"""

from collections.abc import Collection
from typing import Final

from detectors.basis.identifiers import AgentId
from detectors.basis.text_hash import contact_hash
from detectors.events.event import Agent, Sale
from detectors.facts.account import SaleRecord

CONTACT_FIELDS: Final = (
    "email_hash",
    "phone_hash",
    "address_hash",
    "payer_hash",
    "interaction_id",
)
"""The fields of a sale, in the order in which a contact holds them."""

_PLACES: Final = {field: place for place, field in enumerate(CONTACT_FIELDS)}

ADDRESS: Final = "address_hash"
INTERACTION: Final = "interaction_id"
CUSTOMER: Final = "customer_id"
AGENT: Final = "agent_id"
"""Every sale remembers its customer and its agent, so no contact holds them."""

_UNKNOWN: Final = 0
_TWO: Final = -1

Contact = tuple[int, ...]
"""One hash a field: 0 where it is unknown or nobody asks for it, negative where claims contradict
each other. It is empty where nothing is known."""

CONTRADICTED: Final[Contact] = (_TWO,) * len(CONTACT_FIELDS)
"""Of claims of which none can be believed."""


def contact_of(event: Sale | Agent, asked: Collection[str]) -> Contact:
    """Return what an event says, of the fields that are asked for."""
    values = [getattr(event, field) if field in asked else None for field in CONTACT_FIELDS]
    if not any(values):
        return ()
    return tuple(
        contact_hash(field, value) if value else _UNKNOWN
        for field, value in zip(CONTACT_FIELDS, values, strict=True)
    )


def known(contact: Contact, field: str) -> int:
    """Return the hash in a field; 0 where nobody can tell it."""
    return max(_UNKNOWN, contact[_PLACES[field]]) if contact else _UNKNOWN


def value_of(sale: SaleRecord, contact: Contact, field: str) -> int:
    """Return the hash in a field of a sale with some contact; 0 where nobody can tell it.

    Nor can anybody tell the customer or the agent where no claim can be believed.
    """
    if field not in (CUSTOMER, AGENT):
        return known(contact, field)
    if contact == CONTRADICTED:
        return _UNKNOWN
    return sale.customer if field == CUSTOMER else agent_hash(sale.agent_id)


def agent_hash(agent_id: AgentId | None) -> int:
    """Return the hash of an agent; 0 of nobody."""
    return _UNKNOWN if agent_id is None else contact_hash(AGENT, agent_id)


def joined(one: Contact, other: Contact) -> Contact:
    """Return what both claims say together: commutative, associative and idempotent."""
    if not (one and other):
        return one or other
    return tuple(_join(*values) for values in zip(one, other, strict=True))


def _join(one: int, other: int) -> int:
    if _UNKNOWN in (one, other):
        return one or other
    return one if one == other else _TWO
