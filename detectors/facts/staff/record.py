"""What an event says of an agent, as it is told to the ledger of that agent."""

from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.events.event import Agent
from detectors.facts.contact import AGENT, CONTACT_FIELDS, INTERACTION, agent_hash, contact_of
from detectors.facts.staff.staff import OwnContact

OWN_FIELDS: Final = tuple(field for field in CONTACT_FIELDS if field != INTERACTION)
"""The fields in which a sale may bear a contact of its seller's own."""


class StaffRecord(Struct, frozen=True, array_like=True, gc=False):
    """Contacts of an agent's own, and when (seconds of event time) they became known.

    Since when they are nobody says, so they are told of all sales that can still be corrected.

    ``field`` and ``value`` are as in a `detectors.facts.mention.Mention`: the agent's.
    """

    field: str
    value: int
    contacts: tuple[OwnContact, ...]
    known_at: Seconds


def staff_record_of(event: Agent, known_at: Seconds) -> StaffRecord | None:
    """Return what is told of an event; None if it names no agent, or no contact."""
    value = agent_hash(event.agent_id)
    contacts = tuple(
        OwnContact(place, known)
        for place, known in enumerate(contact_of(event, OWN_FIELDS))
        if known
    )
    return StaffRecord(AGENT, value, contacts, known_at) if value and contacts else None
