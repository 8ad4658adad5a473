"""Streams of observations for the laws: from a seed, and the same on every machine.

Not from the `random` module, which no detector may know, and which may change.
"""

from collections.abc import Iterator
from itertools import cycle, islice
from math import cos, log, pi, sqrt
from typing import Final

from detectors.contract.claim import Claim, Levels
from detectors.contract.observation import Observation

BEGINNING: Final = 1_735_689_600.0
"""The event time of a stream's first observation: 2025-01-01 UTC."""

HOSTILE: Final = (0.0, -0.0, 5e-324, 1e12, -1e12, 1e150, 1e-150, 1.7e308, -1.7e308)
"""Numbers that arithmetic often breaks on."""

_WORD: Final = (1 << 64) - 1


class Chance:
    """Independent numbers from a seed: splitmix64 (Steele, Lea and Flood, OOPSLA 2014)."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _WORD

    def uniform(self) -> float:
        """Return a number strictly between 0 and 1."""
        self._state = (self._state + 0x9E3779B97F4A7C15) & _WORD
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _WORD
        return (((mixed ^ (mixed >> 31)) >> 12) + 0.5) / (1 << 52)

    def normal(self) -> float:
        """Return a standard normal number (Box and Muller, 1958)."""
        return sqrt(-2.0 * log(self.uniform())) * cos(2.0 * pi * self.uniform())


def values_of(regime: Levels, chance: Chance) -> tuple[float, ...]:
    """Draw the values of one observation."""
    return tuple(
        mean + deviation * chance.normal()
        for mean, deviation in zip(regime.means, regime.deviations, strict=True)
    )


def ordinary(claim: Claim, number: int, seed: int = 1, first: int = 0) -> list[Observation]:
    """Return `number` ordinary observations, from place `first` of the stream on."""
    return _drawn(claim, claim.ordinary, number, seed, first)


def changed(claim: Claim, number: int, seed: int = 1, first: int = 0) -> list[Observation]:
    """Return `number` observations of what the detector claims to see."""
    return _drawn(claim, claim.changed, number, seed + 1_000_003, first)


def hostile(claim: Claim, number: int, seed: int = 1, first: int = 0) -> list[Observation]:
    """Return `number` observations of finite numbers of every size and sign."""
    chance, width = Chance(seed + 2_000_003), len(values_of(claim.ordinary, Chance(seed)))
    numbers = _hostile_numbers(chance)
    return [
        Observation(moment(claim, first + place), tuple(islice(numbers, width)))
        for place in range(number)
    ]


def moment(claim: Claim, place: int) -> float:
    """Return the event time of an observation by its place in the stream."""
    return BEGINNING + place * claim.every


def _drawn(claim: Claim, regime: Levels, number: int, seed: int, first: int) -> list[Observation]:
    chance = Chance(seed + 7_919 * first)
    return [
        Observation(moment(claim, first + place), values_of(regime, chance))
        for place in range(number)
    ]


def _hostile_numbers(chance: Chance) -> Iterator[float]:
    known = cycle(HOSTILE)
    while True:
        yield next(known)
        sign = 1.0 if chance.uniform() < 0.5 else -1.0  # noqa: PLR2004 - a fair coin
        yield sign * 10.0 ** (616.0 * chance.uniform() - 308.0)
