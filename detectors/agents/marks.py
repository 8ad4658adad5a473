"""Marks of the shadow null: one pseudo-random number a trial, the same wherever it is computed.

The bad outcomes of a day and cell are dealt out to the trials with the smallest marks. Marks
depend on the seed, the sale and the account, and on nothing that is known of the outcome. So that
is a random permutation of outcomes over trials, and of the agents' labels over outcomes.
"""

from collections.abc import Mapping
from typing import Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from detectors.agents.at_risk import DayExposure
from detectors.evidence.arrays import Booleans, Integers
from detectors.outcomes import Cell

_STEP: Final = 0x9E3779B97F4A7C15
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)

_DAY: Final = 0xD6E8FEB86659FD93
_NUMBER: Final = 0xA0761D6478BD642F
"""Odd numbers: they keep days, and sales alike, apart."""

NONE: Final = -1
"""As the largest mark that counts as bad: nothing does."""


def shuffled(identities: NDArray[np.uint64], seed: int) -> Integers:
    """Give the marks, from 0 to 2^63 - 1, of trials with these 64-bit identities.

    The finalizer of SplitMix64: Steele, Lea and Flood, Fast Splittable Pseudorandom Number
    Generators, OOPSLA 2014.

    Examples
    --------
    >>> shuffled(np.array([1, 2], np.uint64), seed=1)
    array([6878622605533214259, 6909686245660430113])
    """
    mixed = identities + np.uint64(_STEP * (seed + 1) % 2**64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * _FIRST
    mixed = (mixed ^ (mixed >> np.uint64(27))) * _SECOND
    mixed = (mixed ^ (mixed >> np.uint64(31))) >> np.uint64(1)
    return mixed.astype(np.int64)


def dealt_bad(marks: Integers, largest: Integers) -> Booleans:
    """Tell which trials are dealt a bad outcome; `largest` is that of each trial's day and cell."""
    bad: Booleans = marks <= largest
    return bad


def dealt_endings(exposure: DayExposure, largest: Mapping[Cell, int], seed: int) -> Integers:
    """Give how many sales of each group at risk are dealt an ending on the day.

    Each sale gets a mark of its own that day, and ends if that is at most the `largest` of its
    cell, which is the share of sales that ended there (see `share_mark`).
    """
    agents = np.array([crc32(name.encode()) for name in exposure.agent_names], np.uint64)
    cells = np.array([crc32(name.encode()) for name in exposure.cell_names], np.uint64)
    limits = np.array([largest.get(name, NONE) for name in exposure.cell_names], np.int64)
    groups = (agents[exposure.agents] << np.uint64(32)) | cells[exposure.cells]
    group = np.repeat(np.arange(groups.size), exposure.at_risk)
    first = np.cumsum(exposure.at_risk) - exposure.at_risk
    number = (np.arange(group.size) - first[group]).astype(np.uint64)
    day = np.uint64(_DAY * exposure.day % 2**64)
    marks = shuffled(groups[group] + day + number * np.uint64(_NUMBER), seed)
    ended = dealt_bad(marks, limits[exposure.cells][group])
    return np.bincount(group, weights=ended, minlength=groups.size).astype(np.int64)
