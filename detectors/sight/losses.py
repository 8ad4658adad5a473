"""All sources of use that may lose a part: all sites together, and each."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct, field

from detectors.basis.event_time import Day
from detectors.messages.seen import YOUNG, Seen
from detectors.sight.losing import NO_SALES, Cohort, Losing
from detectors.sight.sources import MOST_SITES, MOST_STRETCHES
from detectors.sight.stretch import ACTIVITY, EVERYWHERE, IN_PART, Blindness, Stretch


class LossesState(Struct):
    """All that is remembered: each site, of all that are seen the whole, and what is over."""

    sources: dict[str, Losing] = field(default_factory=dict)
    ended: list[Stretch] = field(default_factory=list)


class Losses:
    """Finds from when until when a part of all use, or of the use of a site, was not seen.

    A site of which a part is known to be lost, or all, is no part of the whole: that would seem to
    lose as well.

    Parameters
    ----------
    silent_days
        How many days a loss must have lasted to be told.
    """

    def __init__(self, silent_days: int) -> None:
        self._silent_days: Final = silent_days
        self.state = LossesState()

    def close(self, day: Day, seen: Iterable[Seen], known: Blindness) -> None:
        """Take in what all ledgers saw by the end of a day; each day in its order.

        `known` is what could be seen as of the end of the day before.
        """
        cohorts = _by_site(seen)
        whole = cohorts.pop(EVERYWHERE, NO_SALES)
        sold_on = Day(day - YOUNG + 1)
        for site in sorted({*self.state.sources, *cohorts} - {EVERYWHERE}):
            if site not in self.state.sources and len(self.state.sources) > MOST_SITES:
                continue
            own = cohorts.get(site, NO_SALES)
            is_lost = self._add(site, sold_on, own)
            if is_lost or known.is_blind(ACTIVITY, site, sold_on, day):
                whole = _without(whole, own)
        self._add(EVERYWHERE, sold_on, whole)

    def look(self, day: Day) -> tuple[list[Stretch], list[Stretch]]:
        """Return the stretches as of the end of a day, and those that may turn out to be such.

        Of the last week nobody knows yet.
        """
        lasting, suspected = list[Stretch](), list[Stretch]()
        if self.state.sources:
            suspected.append(Stretch(IN_PART, EVERYWHERE, Day(day - YOUNG + 2)))
        for site, source in self.state.sources.items():
            if source.since is not None:
                stretch = Stretch(IN_PART, site, source.since)
                is_known = source.is_lost and day - source.since >= self._silent_days
                (lasting if is_known else suspected).append(stretch)
        return [*self.state.ended, *lasting], suspected

    def _add(self, site: str, day: Day, cohort: Cohort) -> bool:
        """Take in the sales of a site on a day; return whether a part of its use is lost."""
        source = self.state.sources.setdefault(site, Losing())
        lasted = source.add(day, cohort) if any(cohort.sold) else None
        if lasted is not None and lasted[1] - lasted[0] >= self._silent_days:
            since, until = lasted
            ended = Stretch(IN_PART, site, since, until, until)
            self.state.ended = [*self.state.ended, ended][-MOST_STRETCHES:]
        return source.is_lost


def _by_site(seen: Iterable[Seen]) -> dict[str, Cohort]:
    cohorts: dict[str, Cohort] = {}
    for one in seen:
        if one.came:
            for site in {EVERYWHERE, one.site or EVERYWHERE}:
                known = cohorts.get(site, NO_SALES)
                cohorts[site] = Cohort(_sum(known.sold, one.came), _sum(known.used, one.came_used))
    return cohorts


def _without(whole: Cohort, own: Cohort) -> Cohort:
    return Cohort(
        tuple(a - b for a, b in zip(whole.sold, own.sold, strict=True)),
        tuple(a - b for a, b in zip(whole.used, own.used, strict=True)),
    )


def _sum(some: tuple[int, ...], more: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(some, more, strict=True))
