"""Stretches of time in which a kind of event could not be seen."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Final, Literal

from msgspec import Struct

from detectors.basis.event_time import DAY, Day, Seconds, day_name
from detectors.facts.other_sites import OtherSites

Kind = Literal["account_activity", "cancellation", "part_of_activity"]
"""A kind of event from whose absence something is told, or a part of a kind."""

KINDS: Final[tuple[Kind, ...]] = ("account_activity", "cancellation", "part_of_activity")

WHOLE: Final[tuple[Kind, ...]] = ("account_activity", "cancellation")

ACTIVITY: Final[Kind] = "account_activity"

IN_PART: Final[Kind] = "part_of_activity"
"""Some of the use of accounts is not seen, and some is."""

_WORDS: Final[dict[Kind, str]] = {
    "account_activity": "account activity",
    "cancellation": "cancellations",
    "part_of_activity": "a part of account activity",
}


class Stretch(Struct, frozen=True, array_like=True, gc=False, order=True):
    """Days on which a kind of event could not be seen, of one site or (None) at all.

    ``since`` is the first dark day, ``until`` the first day after it that was not; None as long as
    there is none. ``certain_until`` is the last day of which no event can change that any more,
    None if there is no such day yet.
    """

    kind: Kind
    site: str
    since: Day
    until: Day | None = None
    certain_until: Day | None = None

    def touches(self, first: Day, last: Day) -> bool:
        """Return whether days `first` to `last` are in it, or on its edges.

        Nobody knows at which hour the day before it went dark, and the day after it came back.
        """
        return self.since - 1 <= last and (self.until is None or first <= self.until)

    def surely_touches(self, first: Day, last: Day) -> bool:
        """Return whether they touch a part of it that nothing can change any more."""
        certain = self.certain_until
        return certain is not None and self.since - 1 <= last and first <= certain

    @property
    def words(self) -> str:
        """What could not be seen, and when."""
        of_site = f" of site {self.site!r}" if self.site != EVERYWHERE else ""
        since = day_name(self.since)
        rest = "on" if self.until is None else f"to {day_name(self.until)}"
        return f"{_WORDS[self.kind]}{of_site} could not be seen from {since} {rest}"


def told_once(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Return stretches without those of a part that a whole kind explains.

    Where use stops, a part of it is not seen, either; and whoever cancelled does not use it.
    """
    whole = [one for one in stretches if one.kind != IN_PART]
    return [
        one
        for one in stretches
        if one.kind != IN_PART
        or not any(
            other.site in (EVERYWHERE, one.site)
            and (other.until is None or one.since <= other.until)
            and (one.until is None or other.since <= one.until)
            for other in whole
        )
    ]


EVERYWHERE: Final = ""
"""Stands for the site where a kind cannot be seen at all."""


class Look(IntEnum):
    """What can be said of what did not happen in some stretch of time."""

    CLEAR = 0
    """It was not seen because it was not there."""
    SUSPECTED = 1
    """Perhaps it could not be seen; a source is dark, but not for long enough to know."""
    UNSEEN = 2
    """It could not be seen, unless late events tell otherwise."""
    NEVER_SEEN = 3
    """It could not be seen, and nothing changes that."""


_Known = tuple[Sequence[Stretch], Sequence[Stretch]]
"""Stretches, and suspected ones."""


class Blindness:
    """What can be seen, as of the end of one day.

    Parameters
    ----------
    stretches
        Of blindness, those that ended before `needed_since` left out or not.
    suspected
        Those that may turn out to be such.
    """

    def __init__(
        self, stretches: tuple[Stretch, ...] = (), suspected: tuple[Stretch, ...] = ()
    ) -> None:
        self.stretches: Final = stretches
        self._suspected: Final = suspected
        self._known: Final[dict[tuple[frozenset[Kind], str | None], _Known]] = {}
        self._kinds: Final = frozenset(one.kind for one in (*stretches, *suspected))
        self._sites: Final = sorted({one.site for one in (*stretches, *suspected)})

    def sites_of(self, site: str | None, others: OtherSites) -> Sequence[str | None]:
        """Return the sites whose feeds may tell of an account: of its sale, and of others on it.

        A sale that names no site may be of any.
        """
        return (site, *(self._sites if others.of_any or site is None else others.known))

    def of(self, kind: Kind) -> tuple[Stretch, ...]:
        """Return the stretches of a kind."""
        return tuple(one for one in self.stretches if one.kind == kind)

    def concerns(self, kinds: frozenset[Kind]) -> bool:
        """Return whether there is any stretch of some kinds."""
        return not self._kinds.isdisjoint(kinds)

    def look(
        self, kinds: frozenset[Kind], site: str | None, since: Seconds, until: Seconds
    ) -> Look:
        """Return what is known of events of these kinds about a sale of a site, between times."""
        known = self._known.get((kinds, site))
        if known is None:
            known = self._known[kinds, site] = self._concerning(kinds, site)
        blind, suspected = known
        found = Look.CLEAR
        if not blind and not suspected:
            return found
        first, last = _day(since), _day(until)
        for stretch in blind:
            if stretch.surely_touches(first, last):
                return Look.NEVER_SEEN
            if stretch.touches(first, last):
                found = Look.UNSEEN
        if found is Look.CLEAR and any(one.touches(first, last) for one in suspected):
            return Look.SUSPECTED
        return found

    def _concerning(self, kinds: frozenset[Kind], site: str | None) -> _Known:
        """Return the stretches of some kinds, everywhere or of a site, and those suspected."""
        blind, suspected = (
            [one for one in stretches if one.kind in kinds and one.site in (EVERYWHERE, site)]
            for stretches in (self.stretches, self._suspected)
        )
        return blind, suspected

    def look_at_all(
        self,
        kinds: frozenset[Kind],
        sites: Sequence[str | None],
        since: Seconds,
        until: Seconds,
    ) -> Look:
        """Return the worst that is known of the feeds of some sites, between times."""
        return max(self.look(kinds, site, since, until) for site in sites)

    def is_blind(self, kind: Kind, site: str, first: Day, last: Day) -> bool:
        """Return whether a kind could not be seen of a site on some of the days."""
        return any(
            one.kind == kind and one.site == site and one.touches(first, last)
            for one in self.stretches
        )

    def touching(
        self, kinds: frozenset[Kind], since: Seconds, until: Seconds, *sites: str | None
    ) -> list[Stretch]:
        """Return the stretches of some kinds, of all or some sites, between times, in order."""
        first, last = _day(since), _day(until)
        return sorted(
            one
            for one in self.stretches
            if one.kind in kinds and one.site in (EVERYWHERE, *sites) and one.touches(first, last)
        )


def _day(at: Seconds) -> Day:
    return Day(int(at // DAY))


EVERYTHING_SEEN: Final = Blindness()
