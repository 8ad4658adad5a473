"""All that is known of one agent: sets, so that order and repeats cannot matter."""

from bisect import insort
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from detectors.basis.event_time import DAY, Day, Seconds, day_of

MOST_CONTACTS: Final = 64
"""Contacts of one agent's own that are kept, the first ones by field and hash. Nobody has so many:
it bounds what a login of many costs."""

MOST_SHIFTS: Final = 16
"""Shifts of one agent that begin on one UTC day; of more nobody can tell who is meant."""

LONGEST_SHIFT: Final = DAY
"""Seconds."""


class OwnContact(NamedTuple):
    """The place of a field among `detectors.facts.contact.CONTACT_FIELDS`, and the hash in it."""

    place: int
    known: int


class Shift(NamedTuple):
    """Hours for which an agent is on the roster: from when to when, in seconds of event time."""

    since: Seconds
    until: Seconds


Shifts = dict[Day, list[Shift]]
"""By the day on which they begin, each once, in order: the first ones, and one more if there are
too many."""


class Staff:
    """What is known of one agent.

    Parameters
    ----------
    contacts
        Those of their own, each once, in order.
    shifts
        Those on the roster.
    """

    def __init__(self, contacts: Iterable[OwnContact] = (), shifts: Shifts | None = None) -> None:
        self.contacts = tuple(contacts)
        self.shifts: Final = {} if shifts is None else shifts

    def __bool__(self) -> bool:
        return bool(self.contacts or self.shifts)

    def add(self, contacts: Iterable[OwnContact]) -> bool:
        """Add contacts of their own; return whether that changed anything."""
        before = self.contacts
        self.contacts = tuple(sorted({*before, *contacts})[:MOST_CONTACTS])
        return self.contacts != before

    def add_shift(self, shift: Shift) -> bool:
        """Add a shift; return whether that changed anything."""
        known = self.shifts.setdefault(day_of(shift.since), [])
        if shift in known:
            return False
        insort(known, shift)
        dropped = known[MOST_SHIFTS + 1 :]
        del known[MOST_SHIFTS + 1 :]
        return dropped != [shift]

    def known(self) -> tuple[tuple[OwnContact, ...], Shifts]:
        """Return all that is known, as it is given to make the same."""
        return self.contacts, self.shifts

    def forget(self, day: Day) -> bool:
        """Drop the shifts of a day that nobody asks about any more; return if all is gone by it."""
        return self.shifts.pop(day, None) is not None and not self

    def owns(self, contact: tuple[int, ...]) -> bool:
        """Return whether one of the contacts that a sale bears is their own."""
        return bool(contact) and any(contact[one.place] == one.known for one in self.contacts)

    def knows_like(self, contact: tuple[int, ...]) -> bool:
        """Return whether a sale bears a contact in a field in which one of theirs is known."""
        return bool(contact) and any(contact[one.place] > 0 for one in self.contacts)

    def on_shift(self, since: float, until: float) -> bool:
        """Return whether some shift overlaps with a time (seconds)."""
        return any(one.until >= since for one in self._begun(since - LONGEST_SHIFT, until))

    def ended(self, since: float, until: float) -> bool:
        """Return whether some shift ended between times."""
        begun = self._begun(since - LONGEST_SHIFT, until)
        return any(since <= one.until <= until for one in begun)

    def begins(self, since: float, until: float) -> bool:
        """Return whether some shift begins between times."""
        return any(one.since >= since for one in self._begun(since, until))

    def is_whole(self, since: float, until: float) -> bool:
        """Return whether all shifts of a time are kept."""
        days = _days(since - LONGEST_SHIFT, until)
        return all(len(self.shifts.get(day, ())) <= MOST_SHIFTS for day in days)

    def _begun(self, since: float, until: float) -> Iterator[Shift]:
        """Yield the shifts that begin between times."""
        for day in _days(since, until):
            for one in self.shifts.get(day, ()):
                if since <= one.since <= until:
                    yield one


def _days(since: float, until: float) -> Iterator[Day]:
    return map(Day, range(day_of(Seconds(since)), day_of(Seconds(until)) + 1))
