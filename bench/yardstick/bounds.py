"""What no detector can beat, to first order."""

from math import log
from typing import Final

import numpy as np

from bench.yardstick.worlds import (
    DAYS_A_YEAR,
    PRODUCT_RATES,
    PRODUCT_SHARES,
    SALES_A_DAY,
    Percent,
    odds_ratio,
)

BUDGET: Final = 10.0
"""False alarms per 1,000 agent-years."""


def lorden(percent: Percent) -> float:
    """Return log(gamma)/KL: mean delay in sales for one false alarm in gamma (Lorden 1971).

    It is asymptotic: with rare events and large jumps the exact optimum is lower.
    """
    gamma = 1_000 * DAYS_A_YEAR * SALES_A_DAY / BUDGET
    return log(gamma) / information(percent)


def information(percent: Percent) -> float:
    """Return what a sale of the average mix tells about the change, in nats."""
    before = np.array(PRODUCT_RATES)
    odds = before / (1 - before) * odds_ratio(percent)
    after = odds / (1 + odds)
    each = after * np.log(after / before) + (1 - after) * np.log((1 - after) / (1 - before))
    return float(np.dot(PRODUCT_SHARES, each))
