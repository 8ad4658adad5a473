"""What is to be expected of an agent's sale, judged by the sales of others.

Statistics note, section 6: the agent himself is left out, and a cell is shrunk to the overall rate.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

INNOCENT_BAD: Final = 5
INNOCENT_MATURED: Final = 10
"""Imagined outcomes of others: with few real ones, the expectation is high and accuses nobody."""

LEAST: Final = 1e-9
"""No expectation is nearer to 0 or 1: what was never seen may happen all the same."""


def expectations(
    bad: NDArray[np.int64],
    matured: NDArray[np.int64],
    bad_anywhere: NDArray[np.int64],
    matured_anywhere: NDArray[np.int64],
    shrinkage: float,
) -> NDArray[np.float64]:
    """Give the probability, strictly between 0 and 1, that each of some sales goes bad among peers.

    Parameters
    ----------
    bad, matured
        For each sale: bad and all matured outcomes of the other agents in its cell.
    bad_anywhere, matured_anywhere
        The same in all cells.
    shrinkage
        How many outcomes the overall rate of the peers is worth against their rate in the cell.

    Examples
    --------
    Of 900 outcomes of others in the cell 45 were bad, of 9,990 anywhere 995; the imagined ones
    make that 1,000 of 10,000, which weighs as much as 100 outcomes with a rate of 10 %.

    >>> expectations(*(np.array([n]) for n in (45, 900, 995, 9_990)), shrinkage=100.0)
    array([0.055])
    """
    overall = shrinkage * (bad_anywhere + INNOCENT_BAD) / (matured_anywhere + INNOCENT_MATURED)
    expected: NDArray[np.float64] = (bad + overall) / (matured + shrinkage)
    return np.clip(expected, LEAST, 1.0 - LEAST)
