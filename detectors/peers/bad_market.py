"""Whether the whole market has turned bad, against its own past.

Agents are compared with each other, and what is expected follows the market. So what all of them do
at once accuses nobody, and must be told of the market itself. This is an e-detector over days
(`docs/statistics.md`, section 6). It bets against everything that a market may honestly do: a day
of which, given the days before, at most `SEASON` times the bad outcomes are expected that the rates
over all time have led one to expect, with a spread of `DAY_SD` of its own beside chance.

Whatever wanders below that, by seasons or storms, gives no finding: a ratio of likelihoods that
rises with the count has its largest mean, 1, at the largest mean that the market may have.
"""

from math import exp, log, sqrt
from typing import Final

from msgspec import Struct, field

from detectors.basis.event_time import Day

SEASON: Final = 1.5
"""Times the rate over all time up to which a market is as always.

A yearly wave of .2 on the logit reaches 1.22 times the odds.
"""

DAY_SD: Final = 0.25
"""How much days differ by themselves, as a share: weekdays, campaigns, sales that end together."""

RATIOS: Final = (1.5, 2.0, 3.0, 5.0)
"""How many times beyond `SEASON` a bad market may be, each as likely."""

DAYS_PER_FALSE_FINDING: Final = 36_500.0
"""All patterns together tell one false finding in a hundred years at most."""

WELL: Final = 1.25
"""A market is well again when its level has fallen below this."""

ENOUGH: Final = 1e12
"""Evidence is held below this, which only understates it."""

MOST_TOLD: Final = 20
"""So many findings are remembered, the latest ones."""

_SHAPE: Final = DAY_SD**-2.0


def _nothing() -> list[float]:
    return [0.0] * len(RATIOS)


class MarketDay(Struct, frozen=True):
    """What all agents who make the baselines did on a day.

    ``bad`` outcomes were observed, ``expected`` by the rates over all time until the day before,
    which rest on ``known_bad`` ones. ``level`` is how many times as many there are lately.
    """

    bad: int
    expected: float
    known_bad: float
    level: float


class BadMarket(Struct, frozen=True, array_like=True):
    """A finding: the market has been bad ``since`` a day, ``told_on`` another, ``until`` a third.

    ``until`` is None while it is bad.
    """

    since: Day
    told_on: Day
    until: Day | None = None


class Market(Struct, array_like=True):
    """One market, as one pattern sees it.

    ``evidence`` and ``likeliest`` are, of each of the `RATIOS`, the sum over start days and the
    largest term of it, ``starts`` the day of that term. ``level`` is as in `MarketDay`. ``told``
    are the findings, the latest last.
    """

    evidence: list[float] = field(default_factory=_nothing)
    likeliest: list[float] = field(default_factory=_nothing)
    starts: list[Day] = field(default_factory=lambda: [Day(0)] * len(RATIOS))
    level: float = 1.0
    told: list[BadMarket] = field(default_factory=list)

    def add(self, day: Day, newest: MarketDay, tempering: float, threshold: float) -> None:
        """Take in a day, later than all before it.

        `tempering` is the exponent of likelihoods; `threshold` is the evidence that a finding
        takes.
        """
        self.level = newest.level
        if (open_finding := self.bad) is not None:
            if newest.level < WELL:
                self.told[-1] = BadMarket(open_finding.since, open_finding.told_on, day)
            return
        if newest.expected <= 0.0:
            return
        weight, logs = 1.0 / len(RATIOS), log_ratios(newest)
        for k, log_ratio in enumerate(logs):
            factor = exp(min(tempering * log_ratio, 50.0))
            self.evidence[k] = min((self.evidence[k] + weight) * factor, ENOUGH)
            if self.likeliest[k] <= weight:
                self.likeliest[k], self.starts[k] = weight, day
            self.likeliest[k] = min(self.likeliest[k] * factor, ENOUGH)
        if sum(self.evidence) >= threshold:
            best = max(range(len(RATIOS)), key=self.likeliest.__getitem__)
            self.told = [*self.told, BadMarket(self.starts[best], day)][-MOST_TOLD:]
            self.evidence, self.likeliest = _nothing(), _nothing()

    @property
    def bad(self) -> BadMarket | None:
        """The finding that holds at present."""
        return self.told[-1] if self.told and self.told[-1].until is None else None


def log_ratios(newest: MarketDay) -> list[float]:
    """Return the logarithm of the ratio of likelihoods of a day for each of the `RATIOS`.

    The count is taken as negative binomial, a Poisson count whose mean has the gamma distribution
    with the mean expected and the spread `DAY_SD`. What was expected is an estimate: it is raised
    by two of its standard deviations.
    """
    usual = SEASON * newest.expected * (1.0 + 2.0 / sqrt(max(newest.known_bad, 1.0)))
    return [
        newest.bad * log(ratio * (_SHAPE + usual) / (_SHAPE + ratio * usual))
        + _SHAPE * log((_SHAPE + usual) / (_SHAPE + ratio * usual))
        for ratio in RATIOS
    ]


def threshold(patterns: int) -> float:
    """Return the evidence that a finding takes, where so many patterns are judged."""
    return DAYS_PER_FALSE_FINDING * patterns
