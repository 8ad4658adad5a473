"""The running evidence against one agent in plain Python, one outcome at a time.

Written apart from `detectors.evidence`, without its tables and compiled code: the recursion of the
docs/statistics.md, sections 4, 5 (mode C) and 8.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import erfc, exp, log, sinh, sqrt
from typing import Final, NamedTuple

from detectors.basis.event_time import Day
from detectors.basis.identifiers import Cell, SaleId

RATIOS: Final = (2.0, 3.0, 5.0, 8.0, 14.0)
RATIO_WEIGHTS: Final = (1 / 12, 2 / 12, 4 / 12, 3 / 12, 2 / 12)
EARLY_RATIO_WEIGHTS: Final = (0.05, 0.1, 0.25, 0.35, 0.25)
"""How likely each is beforehand, at maturity and in the early tier."""

LEVELS: Final = tuple(0.4 * sinh(0.4 * step) for step in range(-7, 8))
"""Honest levels, on the logit."""

_LARGEST_EVIDENCE: Final = 1e9
_LEAST_BELIEF: Final = 1e-250
_LEAST_WEIGHT: Final = 1e-30
_LARGEST_LOGARITHM: Final = 400.0


class Judged(NamedTuple):
    """An outcome on the day it was judged, with its probability among peers.

    In the early tier it is all sales of one cell at risk on that day: `trials` of them, each with
    the probability `expected`. `bad` says whether any of them ended badly, and `bad_ones` how many
    if so. `between_agent_sd` is in force on that day, `tempering` is the exponent of its
    likelihood; None is what the outcome before had. An outcome with the exponent 0 says nothing: it
    is passed over, and in no count.
    """

    day: Day
    sale_id: SaleId
    expected: float
    bad: bool
    between_agent_sd: float | None = None
    tempering: float | None = None
    trials: int = 1
    bad_ones: int = 1
    cell: Cell = Cell("")

    def counts(self) -> bool:
        """Return whether it says anything."""
        return self.tempering != 0.0

    def badly(self) -> int:
        """Count what ended badly."""
        return self.bad_ones if self.bad else 0

    def expected_bad(self) -> float:
        """Return how many would have ended badly among peers."""
        return self.trials * self.expected


class RunningEvidence:
    """The recursion: belief a_g in each honest level, and b_gk for each odds ratio beside it."""

    def __init__(self, between_agent_sd: float, *, early: bool = False) -> None:
        self._early: Final = early
        self._weights: Final = EARLY_RATIO_WEIGHTS if early else RATIO_WEIGHTS
        self._between_agent_sd = between_agent_sd
        self._tempering = 1.0
        self._belief = _prior(between_agent_sd)
        self._last_day: Day | None = None
        self.restart()

    def restart(self) -> None:
        """Forget every start; keep the belief, and let the latest day stay taken."""
        self._starts = [[0.0] * len(LEVELS) for _ in RATIOS]
        self.value = 0.0
        self.days = 0

    def lower(self, value: float) -> None:
        """Let there be no more than so much evidence."""
        if self.value > value:
            self._scale_to(value)

    def add_day(self, outcomes: Sequence[Judged]) -> None:
        """Apply the outcomes of one day as one: their sums decide in the early tier."""
        if outcomes:
            bad_ones = sum(outcome.badly() for outcome in outcomes)
            expected = sum(outcome.expected_bad() for outcome in outcomes)
            one = outcomes[0]._replace(trials=1, expected=expected, bad=True, bad_ones=bad_ones)
            self.add(one)

    def add(self, outcome: Judged) -> float:
        """Apply one outcome and return the evidence after it, which `value` is then.

        `days` is the number of start days.
        """
        if outcome.between_agent_sd not in {None, self._between_agent_sd}:
            self._change_prior(outcome.between_agent_sd or self._between_agent_sd)
        if not outcome.counts():
            return self.value
        self._tempering = outcome.tempering or self._tempering
        if outcome.day != self._last_day:
            self._last_day = outcome.day
            self.days += 1
            for weight, starts in zip(self._weights, self._starts, strict=True):
                for level, belief in enumerate(self._belief):
                    starts[level] += weight * belief
        honest, *dishonest = self._likelihoods(outcome)
        predicted = sum(
            belief * likelihood for belief, likelihood in zip(self._belief, honest, strict=True)
        )
        self._belief = [
            max(belief * likelihood / predicted, _LEAST_BELIEF)
            for belief, likelihood in zip(self._belief, honest, strict=True)
        ]
        self._starts = [
            [
                start * likelihood / predicted
                for start, likelihood in zip(starts, likelihoods, strict=True)
            ]
            for starts, likelihoods in zip(self._starts, dishonest, strict=True)
        ]
        self.value = sum(map(sum, self._starts))
        if self.value > _LARGEST_EVIDENCE:
            self._scale_to(_LARGEST_EVIDENCE)
        return self.value

    def _change_prior(self, between_agent_sd: float) -> None:
        """Believe what the new prior would have led to; keep the evidence as it is."""
        before, after = _prior(self._between_agent_sd), _prior(between_agent_sd)
        change = [new / old for new, old in zip(after, before, strict=True)]
        belief = [weight * factor for weight, factor in zip(self._belief, change, strict=True)]
        self._belief = [max(weight / sum(belief), _LEAST_BELIEF) for weight in belief]
        self._starts = [
            [start * factor for start, factor in zip(starts, change, strict=True)]
            for starts in self._starts
        ]
        self._between_agent_sd = between_agent_sd
        self._scale_to(self.value)

    def _scale_to(self, value: float) -> None:
        total = sum(map(sum, self._starts))
        if total > 0.0:
            self._starts = [[start * value / total for start in starts] for starts in self._starts]
        self.value = value

    def _likelihoods(self, outcome: Judged) -> list[list[float]]:
        """Return the likelihood in each level, of the honest and then with each odds ratio."""
        factors = [[exp(level) * ratio for level in LEVELS] for ratio in (1.0, *RATIOS)]
        if self._early:
            return self._early_likelihoods(outcome, factors)
        odds = outcome.expected / (1.0 - outcome.expected)
        return [
            [
                float(
                    ((odds * factor if outcome.bad else 1.0) / (1.0 + odds * factor))
                    ** self._tempering
                )
                for factor in line
            ]
            for line in factors
        ]

    def _early_likelihoods(
        self, outcome: Judged, factors: Sequence[Sequence[float]]
    ) -> list[list[float]]:
        """Return Poisson likelihoods, relative to the likeliest honest level: none is too large."""
        mean, count = outcome.expected_bad(), outcome.badly()
        logarithms = [
            [self._tempering * (count * log(factor) - factor * mean) for factor in line]
            for line in factors
        ]
        likeliest = max(
            logarithm + log(belief)
            for logarithm, belief in zip(logarithms[0], self._belief, strict=True)
        )
        return [
            [exp(min(logarithm - likeliest, _LARGEST_LOGARITHM)) for logarithm in line]
            for line in logarithms
        ]


def _prior(between_agent_sd: float) -> list[float]:
    """Return the normal probability of what is nearest to each level."""
    edges = [(low + high) / 2 for low, high in pairwise(LEVELS)]
    above = [erfc(abs(edge) / between_agent_sd / sqrt(2.0)) / 2 for edge in edges]
    tail = [
        max(near - far, _LEAST_WEIGHT) for near, far in pairwise([*above[len(edges) // 2 :], 0.0])
    ]
    weights = [*reversed(tail), 1.0 - 2.0 * above[len(edges) // 2], *tail]
    return [weight / sum(weights) for weight in weights]
