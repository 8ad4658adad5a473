"""One source that may lose a part of its events: whether as many accounts are seen in use as ever.

Whoever buys uses the account within days, most of them. Of the sales of one day the share that was
used a week later is much the same from day to day, so a share that has fallen says that a part of
all use is not seen, or that customers stopped at once. Either way one account that was not seen in
use says little about its sale.

A source is followed by two cumulative sums of log-likelihood ratios (Page, 1954): of the usual
share, and of that share with `LOSS` of it lost. The first finds when it falls, the second when it
is back. One agent who leaves accounts unused is not a source that fails: so the sums are kept once
without each group of agents, and all of them must say that the share has fallen.
"""

from math import log, sqrt
from typing import Final, NamedTuple

from msgspec import Struct, field

from detectors.basis.event_time import Day
from detectors.messages.seen import AGENT_GROUPS, YOUNG
from detectors.sight.course import ENOUGH

LOSS: Final = 1.0 / 3.0
"""The share of what is usually seen whose loss is looked for. From a little less than half of it
on, a lasting loss is found where there are enough sales, and the sooner the more is lost."""

LIKELY: Final = log(3_650.0)
"""Of the sums: such a fall comes about by chance once in ten years of days at most."""

_KEPT: Final = 1.0 - 1.0 / 56.0
"""Of the past, from a day to the next: what is usual is that of about eight weeks."""

_LEAST, _MOST = 0.02, 0.98
"""Shares are held between these: nothing is certain."""


class Cohort(NamedTuple):
    """The sales of one day by groups of agents: how many, and how many were used a week later."""

    sold: tuple[int, ...]
    used: tuple[int, ...]


NO_SALES: Final = Cohort((0,) * AGENT_GROUPS, (0,) * AGENT_GROUPS)


def _nothing() -> list[float]:
    return [0.0] * AGENT_GROUPS


class Losing(Struct, array_like=True):
    """What is known of a source by the sales until some day.

    Attributes
    ----------
    sold, used
        By groups of agents: the sales that tell what is usual, the past fading.
    held_sold, held_used
        Those since ``since``, which tell what is usual only if the share has not fallen.
    scores
        Without each group: how much more likely a fall is than none, on the logarithm.
    since
        The first sales since when all of the scores speak of a fall; None if they do not.
    is_lost
        The share has fallen.
    back, back_since
        Then: how much more likely it is that it is back, and the first sales that say so.
    """

    sold: list[float] = field(default_factory=_nothing)
    used: list[float] = field(default_factory=_nothing)
    held_sold: list[float] = field(default_factory=_nothing)
    held_used: list[float] = field(default_factory=_nothing)
    scores: list[float] = field(default_factory=_nothing)
    since: Day | None = None
    is_lost: bool = False
    back: list[float] = field(default_factory=_nothing)
    back_since: list[Day | None] = field(default_factory=lambda: [None] * AGENT_GROUPS)

    def add(self, day: Day, cohort: Cohort) -> tuple[Day, Day] | None:
        """Take in the sales of a day, later than all before; return from when to when it lasted.

        That is of a loss that ended with them. A share that is back says that the use of a week
        is seen: until then the loss may have lasted.
        """
        logs = self._log_ratios(cohort)
        if self.is_lost:
            return self._add_lost(day, logs)
        self.scores = [
            max(0.0, score + log_ratio) for score, log_ratio in zip(self.scores, logs, strict=True)
        ]
        least = min(self.scores)
        _add(self.held_sold, cohort.sold)
        _add(self.held_used, cohort.used)
        if least == 0.0:
            self.since = None
            self.sold = [
                _KEPT * was + new for was, new in zip(self.sold, self.held_sold, strict=True)
            ]
            self.used = [
                _KEPT * was + new for was, new in zip(self.used, self.held_used, strict=True)
            ]
            self.held_sold, self.held_used = _nothing(), _nothing()
        elif self.since is None:
            self.since = day
        self.is_lost = least >= LIKELY
        return None

    def _add_lost(self, day: Day, logs: list[float]) -> tuple[Day, Day] | None:
        for group, log_ratio in enumerate(logs):
            score = max(0.0, self.back[group] - log_ratio)
            if score == 0.0:
                self.back_since[group] = None
            elif self.back_since[group] is None:
                self.back_since[group] = day
            self.back[group] = score
        most = max(self.back)
        begun = self.back_since[self.back.index(most)]
        if most < LIKELY or begun is None or self.since is None:
            return None
        lasted = (self.since, Day(begun + YOUNG - 1))
        usual = Losing(self.sold, self.used)
        for name in self.__struct_fields__:
            setattr(self, name, getattr(usual, name))
        return lasted

    def _log_ratios(self, cohort: Cohort) -> list[float]:
        """Return, without each group, by how much a fall is more likely than none."""
        usual_sold, usual_used = sum(self.sold), sum(self.used)
        if usual_used < ENOUGH:
            return _nothing()  # nobody knows what is usual yet
        share = min(usual_used / usual_sold, _MOST)
        # It is an estimate, and so lowered by its standard deviation.
        share = max(share - sqrt(share * (1.0 - share) / usual_sold), _LEAST)
        used_says = log(1.0 - LOSS)
        unused_says = log((1.0 - share * (1.0 - LOSS)) / (1.0 - share))
        sold, used = sum(cohort.sold), sum(cohort.used)
        return [
            (used - own_used) * used_says + (sold - own - used + own_used) * unused_says
            for own, own_used in zip(cohort.sold, cohort.used, strict=True)
        ]


def _add(counts: list[float], more: tuple[int, ...]) -> None:
    for place, number in enumerate(more):
        counts[place] += number
