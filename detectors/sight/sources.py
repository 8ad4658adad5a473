"""The sources of one kind of event: all sites together, and each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field, structs

from detectors.basis.event_time import Day
from detectors.sight.course import Course, Rules
from detectors.sight.stretch import EVERYWHERE, Kind, Stretch

MOST_SITES: Final = 1_000
"""Sites that are told apart; of more, those that come later are seen with all others only."""

MOST_STRETCHES: Final = 1_000
"""Stretches that are remembered, the latest ones."""


class Numbers(NamedTuple):
    """How many events were seen of a site on a day, and how many sales were made."""

    seen: int = 0
    sold: int = 0


SitesOfDay = Mapping[str, Numbers]
"""By site; of all sites together, and of sales without one, under `EVERYWHERE`."""

_NOTHING: Final = Numbers()


class SourcesState(Struct):
    """All that is remembered of the sources of one kind.

    ``courses``, by site: as of the last day that no event can change. ``ended`` are stretches that
    were over by then.
    """

    courses: dict[str, Course] = field(default_factory=dict)
    ended: list[Stretch] = field(default_factory=list)


class Sources:
    """Follows the sources of one kind.

    Parameters
    ----------
    kind
        Of which kind.
    silent_days
        After how many dark days a source can be blind.
    never_days
        After how many it is if nothing ever came, None for not.
    """

    def __init__(self, kind: Kind, silent_days: int, never_days: int | None) -> None:
        self._kind: Final = kind
        self._of_all: Final = Rules(silent_days, never_days)
        self._of_site: Final = Rules(silent_days, None)
        self.state = SourcesState()

    def settle(self, day: Day, numbers: SitesOfDay) -> None:
        """Take in a day of which no event can change anything any more."""
        for stretch in self._step(self.state.courses, day, numbers):
            ended = structs.replace(stretch, certain_until=stretch.until)
            self.state.ended = [*self.state.ended, ended][-MOST_STRETCHES:]

    def look(
        self, settled_until: Day, days: Sequence[tuple[Day, SitesOfDay]]
    ) -> tuple[list[Stretch], list[Stretch]]:
        """Return the stretches by now, and those that may turn out to be such.

        `settled_until` is the last settled day; `days` follow it.
        """
        settled = self.state.courses
        courses = dict(settled)
        ended: list[Stretch] = []
        for day, numbers in days:
            ended += self._step(courses, day, numbers)
        rate = courses.get(EVERYWHERE, Course()).rate
        open_runs: list[Stretch] = []
        suspected: list[Stretch] = []
        for site, course in courses.items():
            if course.dark_since is None:
                continue
            stretch = Stretch(self._kind, site, course.dark_since)
            blind = course.is_blind(self._rules(site), self._rate(site, rate))
            (open_runs if blind else suspected).append(stretch)
        was = settled.get(EVERYWHERE, Course()).rate
        sure = {
            (site, course.dark_since)
            for site, course in settled.items()
            if course.is_blind(self._rules(site), self._rate(site, was))
        }
        found = [
            structs.replace(one, certain_until=settled_until)
            if (one.site, one.since) in sure
            else one
            for one in (*ended, *open_runs)
        ]
        return [*self.state.ended, *found], suspected

    def _step(self, courses: dict[str, Course], day: Day, numbers: SitesOfDay) -> Iterator[Stretch]:
        """Take a day in, in place; give the stretches that ended with it."""
        all_sites = courses.get(EVERYWHERE, Course())
        whole = numbers.get(EVERYWHERE, _NOTHING)
        after = courses[EVERYWHERE] = all_sites.after(day, whole.seen, whole.sold, self._of_all)
        yield from self._ended(EVERYWHERE, all_sites, after, day, None)
        if after.dark_since is not None:
            return  # where nothing is seen at all, a site is no worse than all others
        for site in sorted({*courses, *numbers} - {EVERYWHERE}):
            before = courses.get(site)
            if before is None:
                if len(courses) > MOST_SITES:
                    continue
                before = Course()
            own = numbers.get(site, _NOTHING)
            rate = all_sites.rate
            after = courses[site] = before.after(day, own.seen, own.sold, self._of_site, rate)
            yield from self._ended(site, before, after, day, rate)

    def _ended(
        self, site: str, before: Course, after: Course, day: Day, rate: float | None
    ) -> Iterator[Stretch]:
        if before.dark_since is None or after.dark_since is not None:
            return
        if before.is_blind(self._rules(site), rate):
            yield Stretch(self._kind, site, before.dark_since, day)

    def _rules(self, site: str) -> Rules:
        return self._of_all if site == EVERYWHERE else self._of_site

    @staticmethod
    def _rate(site: str, rate: float | None) -> float | None:
        return None if site == EVERYWHERE else rate
