"""Verdicts of a whole cohort of sales, as a column."""

import numpy as np
import numpy.typing as npt

from detectors.facts.account import Verdict
from detectors.facts.sales import Flags, Sales

Verdicts = npt.NDArray[np.uint8]
"""One `Verdict` a sale, shape (n,): good, bad or excluded, never pending."""


def choose(excluded: Flags, good: Flags) -> Verdicts:
    """Return the verdicts on sales: excluded before good, and what is neither is bad."""
    judged = np.where(good, np.uint8(Verdict.GOOD), np.uint8(Verdict.BAD))
    verdicts: Verdicts = np.where(excluded, np.uint8(Verdict.EXCLUDED), judged)
    return verdicts


def nothing(sales: Sales) -> Flags:
    """Return a column that is true of no sale."""
    return np.zeros(len(sales), dtype=np.bool_)
