"""Marks of the shadow null: one pseudo-random number a trial, the same wherever it is computed.

The bad outcomes of a day and cell are dealt out to the trials with the smallest marks. Marks
depend on the seed, the sale and the account, and on nothing that is known of the outcome. So that
is a random permutation of outcomes over trials, and of the agents' labels over outcomes.
"""

from collections.abc import Mapping, Sequence
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detectors.agents.early.at_risk import DayExposure
from detectors.evidence.arrays import Booleans, Integers
from detectors.evidence.compilation import compiled
from detectors.messages.outcomes import Cell
from detectors.peers.null_cutoffs import NONE_BAD

_STEP: Final = 0x9E3779B97F4A7C15

_DAY: Final = 0xD6E8FEB86659FD93
_NUMBER: Final = np.uint64(0xA0761D6478BD642F)
"""Odd numbers: they keep days, and sales alike, apart."""

_HALF: Final = np.uint64(1)
_FAR: Final = np.uint64(30)
_NEAR: Final = np.uint64(27)
_LAST: Final = np.uint64(31)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)


def draw_keys(identities: NDArray[np.uint64], seed: int) -> Integers:
    """Give the marks, from 0 to 2^63 - 1, of trials with these 64-bit identities.

    The finalizer of SplitMix64: Steele, Lea and Flood, Fast Splittable Pseudorandom Number
    Generators, OOPSLA 2014.

    Examples
    --------
    >>> shuffled(np.array([1, 2], np.uint64), seed=1)
    array([6878622605533214259, 6909686245660430113])
    """
    random_keys = np.empty(identities.size, np.int64)
    _fill_in(identities, np.uint64(_step(seed)), random_keys)
    return random_keys


def dealt_bad(random_keys: Integers, largest: Integers) -> Booleans:
    """Tell which trials are dealt a bad outcome; `largest` is that of each trial's day and cell."""
    bad: Booleans = random_keys <= largest
    return bad


class NameCodes:
    """Numbers below 2^32 that stand for names, remembered as long as the names are the same."""

    def __init__(self) -> None:
        self._names: Sequence[str] = ()
        self._codes = np.zeros(0, np.uint64)

    def of(self, names: Sequence[str]) -> NDArray[np.uint64]:
        """Give the number of each name; the names must not be changed."""
        if names is not self._names:
            self._names = names
            self._codes = np.array([crc32(name.encode()) for name in names], np.uint64)
        return self._codes


class RandomEndings:
    """Deals out endings to sales at risk, by marks that each of them gets anew every day.

    Parameters
    ----------
    seed
        Chooses the marks.
    """

    def __init__(self, seed: int) -> None:
        self._step: Final = _step(seed)
        self._agents: Final = NameCodes()
        self._cells: Final = NameCodes()

    def of(self, exposure: DayExposure, largest: Mapping[Cell, int]) -> Integers:
        """Give how many sales of each group at risk are dealt an ending on the day.

        A sale ends if its mark is at most the `largest` of its cell, which is the share of sales
        that ended there (see `cutoffs_by_share`).
        """
        agents, cells = self._agents.of(exposure.agent_names), self._cells.of(exposure.cell_names)
        limits = np.array([largest.get(name, NONE_BAD) for name in exposure.cell_names], np.int64)
        groups = (agents[exposure.agents] << np.uint64(32)) | cells[exposure.cells]
        first = np.uint64((self._step + _DAY * exposure.day) % 2**64)
        ended = np.zeros(groups.size, np.int64)
        _deal(groups + first, exposure.at_risk, limits[exposure.cells], ended)
        return ended


def _step(seed: int) -> int:
    return _STEP * (seed + 1) % 2**64


# Compiled code makes a float of a signed and an unsigned number: all of them are unsigned here.


@compiled
def _mixed(number: np.uint64) -> np.uint64:
    """Shuffle the bits of a number; the highest of what comes out is 0."""
    number = (number ^ (number >> _FAR)) * _FIRST
    number = (number ^ (number >> _NEAR)) * _SECOND
    return (number ^ (number >> _LAST)) >> _HALF


@compiled
def _fill_in(identities: NDArray[np.uint64], step: np.uint64, random_keys: Integers) -> None:
    for position in range(identities.size):
        random_keys[position] = np.int64(_mixed(identities[position] + step))


@compiled
def _deal(
    identities: NDArray[np.uint64], at_risk: Integers, limits: Integers, ended: Integers
) -> None:
    """Count in each group of sales at risk the marks up to the limit; below 0 there are none."""
    for group in range(identities.size):
        limit, identity = limits[group], identities[group]
        if limit < 0:
            continue
        for _ in range(at_risk[group]):
            ended[group] += np.int64(_mixed(identity)) <= limit
            identity += _NUMBER
