"""One source, day by day: what came of it, and whether that is less than there must have been."""

from typing import Final, NamedTuple

from msgspec import Struct

from detectors.basis.event_time import Day

ENOUGH: Final = 20.0
"""Events that must have been expected in a dark run before it is blindness, and seen before a rate
is known: that none of 20 came happens by chance once in 500 million."""

DARK: Final = 0.1
"""Of what is expected on a day: with less, it is dark."""

TELLING: Final = 5.0
"""Events that must have been expected in a dark run that ends by itself for its length to say
anything about the source: with fewer it may be chance."""

_KEPT: Final = 1.0 - 1.0 / 28.0
"""Of the past, from a day to the next: a rate is that of about four weeks."""


class Rules(NamedTuple):
    """When a dark run is blindness: after so many days, and where nothing ever came, after more."""

    silent_days: int
    never_days: int | None


class Course(Struct, frozen=True, array_like=True, gc=False):
    """What is known of a source by the end of a day.

    ``seen`` and ``sold`` are sums over the days that were not dark, the past fading. ``ever``: it
    ever came. ``longest`` is the longest dark run that ended without being blindness, in days.
    ``dark_since`` is the first day of the present run, ``dark_days`` its length and ``expected``
    what should have come in it.
    """

    seen: float = 0.0
    sold: float = 0.0
    ever: bool = False
    longest: int = 0
    dark_since: Day | None = None
    dark_days: int = 0
    expected: float = 0.0

    @property
    def rate(self) -> float | None:
        """How many events come for each sale; None as long as nobody knows."""
        return self.seen / self.sold if self.seen >= ENOUGH and self.sold > 0 else None

    def is_blind(self, rules: Rules, rate: float | None) -> bool:
        """Return whether the present run is blindness; `rate` is that of all sites, if it is."""
        if self.dark_since is None or self.expected < ENOUGH:
            return False
        if not self.ever and rate is None:
            return rules.never_days is not None and self.dark_days >= rules.never_days
        return self.dark_days >= rules.silent_days and self.dark_days > 2 * self.longest

    def after(
        self, day: Day, seen: int, sold: int, rules: Rules, rate: float | None = None
    ) -> "Course":
        """Return what is known after one more day.

        `rate` is that of all sites, where this is one of them: it stands for its own as long as
        that is not known.
        """
        known = rate if self.rate is None else self.rate
        if seen == 0 and sold == 0:  # a day without sales says nothing
            return self if self.dark_since is None else self._longer(0.0)
        if seen == 0 or (known is not None and seen < DARK * known * sold):
            expected = float(sold) if known is None and not self.ever else sold * (known or 0.0)
            run = self._longer(expected)
            return run if self.dark_since is not None else _with_start(run, day)
        is_natural = self.ever and self.expected >= TELLING and not self.is_blind(rules, rate)
        natural = self.dark_days if is_natural else 0
        return Course(
            self.seen * _KEPT + seen,
            self.sold * _KEPT + sold,
            ever=True,
            longest=max(self.longest, natural),
        )

    def _longer(self, expected: float) -> "Course":
        return Course(
            self.seen,
            self.sold,
            self.ever,
            self.longest,
            self.dark_since,
            self.dark_days + 1,
            self.expected + expected,
        )


def _with_start(run: Course, day: Day) -> Course:
    return Course(run.seen, run.sold, run.ever, run.longest, day, run.dark_days, run.expected)
