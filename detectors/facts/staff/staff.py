"""All that is known of one agent: a set, so that order and repeats cannot matter."""

from collections.abc import Iterable
from typing import Final, NamedTuple

MOST_CONTACTS: Final = 64
"""Contacts of one agent's own that are kept, the first ones by field and hash. Nobody has so many:
it bounds what a login of many costs."""


class OwnContact(NamedTuple):
    """The place of a field among `detectors.facts.contact.CONTACT_FIELDS`, and the hash in it."""

    place: int
    known: int


class Staff:
    """What is known of one agent.

    Parameters
    ----------
    contacts
        Those of their own, each once, in order.
    """

    def __init__(self, contacts: Iterable[OwnContact] = ()) -> None:
        self.contacts = tuple(contacts)

    def __bool__(self) -> bool:
        return bool(self.contacts)

    def add(self, contacts: Iterable[OwnContact]) -> bool:
        """Add contacts of their own; return whether that changed anything."""
        before = self.contacts
        self.contacts = tuple(sorted({*before, *contacts})[:MOST_CONTACTS])
        return self.contacts != before

    def owns(self, contact: tuple[int, ...]) -> bool:
        """Return whether one of the contacts that a sale bears is their own."""
        return bool(contact) and any(contact[one.place] == one.known for one in self.contacts)

    def knows_like(self, contact: tuple[int, ...]) -> bool:
        """Return whether a sale bears a contact in a field in which one of theirs is known."""
        return bool(contact) and any(contact[one.place] > 0 for one in self.contacts)
