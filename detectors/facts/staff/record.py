"""What an event says of an agent, as it is told to the ledger of that agent."""

from math import inf
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import BEGINNING, DAY, Seconds, seconds_at
from detectors.events.event import Agent, RosteredHours
from detectors.facts.contact import AGENT, CONTACT_FIELDS, INTERACTION, agent_hash, contact_of
from detectors.facts.staff.staff import LONGEST_SHIFT, OwnContact, Shift, Staff

OWN_FIELDS: Final = tuple(field for field in CONTACT_FIELDS if field != INTERACTION)
"""The fields in which a sale may bear a contact of its seller's own."""

FARTHEST_AHEAD: Final = 100 * DAY
"""Seconds for which a roster is believed ahead of when it is told: what is kept is bounded."""


FARTHEST_APART: Final = DAY / 2
"""Seconds from a shift within which a sale may belong to it, at most; others only see, as far as
their pattern looks, that a roster is kept."""


class StaffRecord(Struct, frozen=True, array_like=True, gc=False):
    """What became known of an agent, and when (seconds of event time).

    ``field`` and ``value`` are as in a `detectors.facts.mention.Mention`: the agent's. Since when
    ``contacts`` are their own nobody says, so they are told of all sales that can still be
    corrected. ``shift`` is on their roster.
    """

    field: str
    value: int
    known_at: Seconds
    contacts: tuple[OwnContact, ...] = ()
    shift: Shift | None = None

    @property
    def concerns(self) -> tuple[Seconds, Seconds]:
        """Between which times (seconds) sales lie of which it may say something."""
        if self.shift is None:
            return BEGINNING, Seconds(inf)
        since, until = self.shift
        return Seconds(since - FARTHEST_APART), Seconds(until + FARTHEST_APART)

    def tell(self, staff: Staff) -> bool:
        """Add it to what is known of the agent; return whether that changed anything."""
        changed = bool(self.contacts) and staff.add(self.contacts)
        return (self.shift is not None and staff.add_shift(self.shift)) or changed


def contacts_of(event: Agent, known_at: Seconds) -> StaffRecord | None:
    """Return what master data tells; None if it names no agent, or no contact."""
    value = agent_hash(event.agent_id)
    contacts = tuple(
        OwnContact(place, known)
        for place, known in enumerate(contact_of(event, OWN_FIELDS))
        if known
    )
    return StaffRecord(AGENT, value, known_at, contacts) if value and contacts else None


def shift_of(event: RosteredHours, known_at: Seconds, needed_from: float) -> StaffRecord | None:
    """Return what a roster tells.

    None if it names no agent, ends before somebody may ask for it (seconds), or is none: it ends
    before it begins, is longer than a day, or lies too far ahead.
    """
    value = agent_hash(event.agent_id)
    shift = Shift(seconds_at(event.starts_at), seconds_at(event.ends_at))
    is_one = 0.0 <= shift.until - shift.since <= LONGEST_SHIFT
    is_near = needed_from <= shift.until and shift.since <= known_at + FARTHEST_AHEAD
    is_told = bool(value) and is_one and is_near
    return StaffRecord(AGENT, value, known_at, shift=shift) if is_told else None
