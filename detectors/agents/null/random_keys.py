"""Random keys of the shadow null: one pseudo-random number a trial, the same wherever it is drawn.

The bad outcomes of a day and cell go to the trials with the smallest keys. A key depends on the
seed, the sale and the account, and on nothing that is known of the outcome. So that is a random
permutation of outcomes over trials, and of the agents' labels over outcomes.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from detectors.evidence.arrays import Booleans, Integers
from detectors.evidence.compilation import compiled

_STEP: Final = 0x9E3779B97F4A7C15

_HALF: Final = np.uint64(1)
_FAR: Final = np.uint64(30)
_NEAR: Final = np.uint64(27)
_LAST: Final = np.uint64(31)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def draw_keys(identities: NDArray[np.uint64], seed: int) -> Integers:
    """Return the keys, from 0 to 2^63 - 1, of trials with these 64-bit identities.

    The finalizer of SplitMix64: Steele, Lea and Flood, Fast Splittable Pseudorandom Number
    Generators, OOPSLA 2014.

    Examples
    --------
    >>> draw_keys(np.array([1, 2], np.uint64), seed=1)
    array([6878622605533214259, 6909686245660430113])
    """
    random_keys = np.empty(identities.size, np.int64)
    _fill_in(identities, np.uint64(seed_offset(seed)), random_keys)
    return random_keys


def dealt_bad(random_keys: Integers, cutoffs: Integers) -> Booleans:
    """Return which trials are dealt a bad outcome; `cutoffs` are those of their days and cells."""
    bad: Booleans = random_keys <= cutoffs
    return bad


def seed_offset(seed: int) -> int:
    """Return what is added to every identity, modulo 2^64, so that each seed deals differently."""
    return _STEP * (seed + 1) % 2**64


# Compiled code makes a float of a signed and an unsigned number: all of them are unsigned here.


@compiled
def mixed(number: np.uint64) -> np.uint64:
    """Return a number with its bits mixed; the highest of them is 0, so it fits a signed one."""
    number = (number ^ (number >> _FAR)) * _FIRST
    number = (number ^ (number >> _NEAR)) * _SECOND
    return (number ^ (number >> _LAST)) >> _HALF


@compiled
def _fill_in(identities: NDArray[np.uint64], offset: np.uint64, random_keys: Integers) -> None:
    for position in range(identities.size):
        random_keys[position] = np.int64(mixed(identities[position] + offset))
