"""Exponents of likelihoods: how far an outcome counts as independent and well predicted."""

import numpy as np

from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.recursion import WHOLE


def exponents(tempering: float, inflation: Reals) -> Integers:
    """Return the exponents of likelihoods, rounded to sixteenths.

    Parameters
    ----------
    tempering
        Exponent of an outcome whose probability is known.
    inflation
        How many times their variance by chance the residuals have because it is an estimate, at
        least 1. Evidence of normal residuals with that variance has 1 / inflation as its exponent.

    Examples
    --------
    >>> exponents(0.875, np.array([1.0, 1.03, 2.0, 40.0])).tolist()
    [14, 14, 7, 0]
    """
    return np.rint(WHOLE * tempering / inflation).astype(np.int64)
