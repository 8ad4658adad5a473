"""Cut-offs of the shadow null: which random keys of a day and cell count as bad outcomes."""

from collections.abc import Mapping
from typing import Final

import numpy as np

from detectors.basis.identifiers import Cell
from detectors.messages.outcomes import Totals

NONE_BAD: Final = -1
"""A cut-off below all random keys: no sale of the day and cell counts as bad."""


def cutoffs_by_rank(
    random_keys: Mapping[Cell, bytes], totals: Mapping[Cell, Totals]
) -> dict[Cell, int]:
    """Return for each cell the largest key that counts as a bad outcome, `NONE_BAD` if none does.

    As many of the smallest keys count as bad as outcomes of the day were. Corrections of earlier
    days are among these, within 0 and the number of keys: each adds or removes one bad outcome of
    the shadow on the day it became known, which its own totals and those of everybody share.

    Parameters
    ----------
    random_keys
        One pseudo-random number, at least 0 (8 bytes, little endian), for each fresh outcome.
    totals
        What the day adds to the totals.
    """
    return {
        cell: _largest(held, totals.get(cell, Totals()).bad) for cell, held in random_keys.items()
    }


def _largest(random_keys: bytes, bad: int) -> int:
    numbers = np.frombuffer(random_keys, "<i8")
    rank = min(bad, numbers.size)
    if rank <= 0:
        return NONE_BAD
    return int(np.partition(numbers, rank - 1)[rank - 1])


def cutoffs_by_share(totals: Mapping[Cell, Totals]) -> dict[Cell, int]:
    """Return the cut-offs of cells for which no random keys are reported, from the share of bad.

    If random keys are drawn for sales at risk (from 0 to 2^63 - 1), and those up to the cut-off
    count as bad, each sale is bad with the probability that the day's totals give.

    Examples
    --------
    >>> cutoffs_by_share({"0/card": Totals(8, 2), "1/card": Totals(8, 0)})
    {'0/card': 2305843009213693951, '1/card': -1}
    """
    return {
        cell: 2**63 * min(max(total.bad, 0), total.matured) // total.matured - 1
        for cell, total in sorted(totals.items())
        if total.matured > 0
    }
