"""How trials weigh that were not all seen, but chosen by chance: of sales, those that are verified.

A sale is asked for where its number, drawn for it alone, is below a probability that may rise with
the evidence against its seller. Weighed by ``rate`` over that probability (Horvitz and Thompson
1952), every sale adds on average what it would add if all were asked for at one ``rate``, whatever
was suspected of its seller.
"""

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from detectors.agents.alerting.tier_config import TierConfig
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.messages.candidates import Lots
from detectors.messages.outcomes import Outcome
from detectors.patterns.account.failed_verification import FailedVerification
from detectors.verification_settings import VerificationSettings


class Sampling(Protocol):
    """How the trials of one pattern weigh."""

    def apart(self, outcomes: Sequence[Outcome]) -> Booleans | None:
        """Return which outcomes count in nobody's baseline; None if all count."""

    def weighed(self, outcomes: Sequence[Outcome], exponents: Integers) -> Integers:
        """Return the exponents of outcomes, in sixteenths, by how they were chosen."""


class Census(Sampling):
    """All were seen, or nobody knows how they were chosen: each counts as it is."""

    def apart(self, outcomes: Sequence[Outcome]) -> None:
        """Return that all count."""
        del outcomes

    def weighed(self, outcomes: Sequence[Outcome], exponents: Integers) -> Integers:
        """Return the exponents as they are."""
        del outcomes
        return exponents


CENSUS: Final = Census()


class Drawn(Sampling):
    """Sales were asked for by their numbers.

    Those between the rate and the ceiling may have been asked for because of a suspicion. Without
    them, who is left was chosen by chance alone (or by nobody here): so nothing has to be known of
    what was asked for. Whoever does not know it counts these, and gives the others no weight.
    """

    def __init__(self, settings: VerificationSettings, lots: Lots) -> None:
        self._settings: Final = settings
        self._lots: Final = lots

    def apart(self, outcomes: Sequence[Outcome]) -> Booleans:
        """Return of which sales the number lies between the rate and the ceiling."""
        numbers = np.array([self._lots.number(one.sale_id, one.account_id) for one in outcomes])
        return (self._settings.rate <= numbers) & (numbers < self._settings.most)

    def weighed(self, outcomes: Sequence[Outcome], exponents: Integers) -> Integers:
        """Return no weight for those apart."""
        return weighed(exponents, np.where(self.apart(outcomes), 0.0, 1.0))


def both(counted: Booleans | None, apart: Booleans | None) -> Booleans | None:
    """Return which outcomes count for others: those that were `counted` and are not `apart`."""
    if apart is None:
        return counted
    return ~apart if counted is None else counted & ~apart


def weighed(exponents: Integers, weights: Reals) -> Integers:
    """Return exponents, in sixteenths, times weights; no weight above 0 makes one 0.

    A likelihood to a power of at most 1 stays one of which the mean is at most 1, rounded or not.
    """
    least = np.minimum(exponents, weights > 0.0)
    return np.maximum(np.rint(exponents * weights).astype(np.int64), least)


def sampling_of(config: TierConfig) -> Sampling:
    """Return how the trials of a tier weigh, without knowing what was asked for."""
    settings = config.settings.verification
    lots = settings.lots()
    if lots is None or config.pattern.name != FailedVerification.name:
        return CENSUS
    return Drawn(settings, lots)
