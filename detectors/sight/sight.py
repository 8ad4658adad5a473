"""What can be seen, by all that the ledgers of all partitions saw."""

from collections.abc import Iterable, Mapping, Sequence
from math import ceil
from typing import Final

from msgspec import Struct, field

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, days_between
from detectors.messages.seen import DAYS_TOLD, Seen
from detectors.settings import Settings
from detectors.sight.losses import Losses, LossesState
from detectors.sight.sources import Numbers, SitesOfDay, Sources, SourcesState
from detectors.sight.stretch import EVERYWHERE, WHOLE, Blindness, Kind


class Counts(Struct, array_like=True):
    """What was seen of a site on a day by one ledger or by all: the most that was ever told."""

    sold: int = 0
    used: int = 0
    cancelled: int = 0

    def of(self, kind: Kind) -> Numbers:
        """Return what was seen of a kind."""
        return Numbers(self.used if kind == "account_activity" else self.cancelled, self.sold)


class SightState(Struct):
    """All that a `Sight` remembers.

    Attributes
    ----------
    told
        What ledgers told by the end of days that were not closed yet, by day and ledger.
    days
        What was seen on the last days, by day and site; it may still become more.
    closed_until
        The day closed last; None if there is none. The sources hold all but the last days of it.
    sources
        By kind.
    losses
        Of use that is seen in part.
    """

    told: dict[Day, dict[int, list[Seen]]] = field(default_factory=dict)
    days: dict[Day, dict[str, Counts]] = field(default_factory=dict)
    closed_until: Day | None = None
    sources: dict[Kind, SourcesState] = field(default_factory=dict)
    losses: LossesState = field(default_factory=LossesState)


class Sight:
    """Finds when a source could not be seen.

    Order of calls: `receive` what ledgers tell, in any order and any number of times; `close` each
    day in its order once all ledgers have told of it.

    Parameters
    ----------
    settings
        All settings.

    Attributes
    ----------
    latest
        What can be seen, as of the day closed last.
    """

    def __init__(self, settings: Settings) -> None:
        silent = max(1, ceil(seconds_of(settings.sight.silent_after) / DAY))
        longest = max(seconds_of(pattern.window) for pattern in settings.patterns.on_sales())
        never = ceil(longest / DAY) + silent
        self._sources: Final = {
            "account_activity": Sources("account_activity", silent, never),
            # Hardly anything follows from a cancellation that never came: nobody stands out.
            "cancellation": Sources("cancellation", silent, None),
        }
        self._losses: Final = Losses(silent)
        self.state = SightState()
        self.latest = Blindness()

    def receive(
        self, ledger: int, seen: Mapping[Day, Sequence[Seen]], first_open: Day | None
    ) -> None:
        """Receive what one ledger saw by the end of some days.

        `first_open` is the first day that is not closed, None before any was. What is told of an
        earlier one was known, or comes too late: the next day tells anew of what was seen lately.
        """
        for day, some in seen.items():
            if first_open is None or day >= first_open:
                self.state.told.setdefault(day, {})[ledger] = list(some)

    def close(self, day: Day) -> Blindness:
        """Return what can be seen as of the end of a day."""
        # A partition in which nothing happened at first begins later than others. It was told of
        # the days before as well, and must know what they know.
        first = min(self.state.told, default=day)
        if self.state.closed_until is not None:
            first = self.state.closed_until + 1
        for each in days_between(min(first, day), day):
            self._close(each)
            self.latest = self._look(each)
        return self.latest

    def _close(self, day: Day) -> None:
        told = [one for some in self.state.told.pop(day, {}).values() for one in some]
        self._take_in(day, told)
        self._losses.close(day, told, self.latest)
        settled = Day(day - DAYS_TOLD)
        numbers = self.state.days.pop(settled, {})
        for kind in WHOLE:
            self._sources[kind].settle(settled, _of_sites(numbers, kind))
        self.state.closed_until = day

    def snapshot(self) -> SightState:
        """Return the whole state; it shares records with this object: encode it at once."""
        self.state.sources = {kind: self._sources[kind].state for kind in WHOLE}
        self.state.losses = self._losses.state
        return self.state

    def restore(self, state: SightState) -> None:
        """Restore a state that `snapshot` returned."""
        self.state = state
        for kind, sources in state.sources.items():
            self._sources[kind].state = sources
        self._losses.state = state.losses
        if state.closed_until is not None:
            self.latest = self._look(state.closed_until)

    def _take_in(self, day: Day, told: Iterable[Seen]) -> None:
        """Take in what was told by the end of a day: the sum of all ledgers, if it is more."""
        sums: dict[Day, dict[str, Counts]] = {}
        for seen in told:
            for site in {EVERYWHERE, seen.site or EVERYWHERE}:
                for age, (used, cancelled) in enumerate(
                    zip(reversed(seen.used), reversed(seen.cancelled), strict=True)
                ):
                    counts = sums.setdefault(Day(day - age), {}).setdefault(site, Counts())
                    counts.sold += seen.sold if age == 0 else 0
                    counts.used += used
                    counts.cancelled += cancelled
        for at, sites in sums.items():
            known_sites = self.state.days.setdefault(at, {})
            for site, counts in sites.items():
                known = known_sites.setdefault(site, Counts())
                known.sold = max(known.sold, counts.sold)
                known.used = max(known.used, counts.used)
                known.cancelled = max(known.cancelled, counts.cancelled)

    def _look(self, day: Day) -> Blindness:
        state, first = self.state, Day(day - DAYS_TOLD + 1)
        blind, suspected = self._losses.look(day)
        for kind in WHOLE:
            days = [
                (Day(at), _of_sites(state.days.get(Day(at), {}), kind))
                for at in range(first, day + 1)
            ]
            found, maybe = self._sources[kind].look(Day(first - 1), days)
            blind += found
            suspected += maybe
        return Blindness(tuple(blind), tuple(suspected))


def _of_sites(numbers: Mapping[str, Counts], kind: Kind) -> SitesOfDay:
    return {site: counts.of(kind) for site, counts in numbers.items()}
