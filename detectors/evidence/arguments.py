"""Checks of the arguments of the tables of evidence."""

from typing import TypeVar

import numpy as np

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.evidence.recursion import WHOLE


def check_form(
    name: str, array: Reals | Integers | Booleans, element: type[np.generic], size: int
) -> None:
    """Refuse an array that is not one-dimensional, of `size` and of an element type.

    Raises
    ------
    ValueError
        If it is not; the message names the argument.

    """
    if array.dtype != element or array.shape != (size,):
        raise ValueError(
            f"{name} must be {size} numbers of type {element.__name__} in one dimension, "
            f"not {array.dtype} of shape {array.shape}",
        )


def check_rows(rows: Integers, length: int) -> None:
    """Refuse rows that a table of `length` rows does not have.

    Raises
    ------
    ValueError
        If there is one.

    """
    if not within(rows, 0, length - 1):
        raise ValueError(f"rows must lie within 0 and {length - 1}")


def exponents_of_all(exponents: Integers | int, size: int) -> Integers:
    """Return the exponent of each of `size` likelihoods in sixteenths, one for all or one each.

    Raises
    ------
    ValueError
        If they are not whole numbers from 0 to `WHOLE`, or not as many.

    """
    if isinstance(exponents, int):
        exponents = np.full(size, exponents, np.int64)
    exponents = plain(exponents)
    check_form("exponents", exponents, np.int64, size)
    if not within(exponents, 0, WHOLE):
        raise ValueError(f"exponents must lie within 0 and {WHOLE}, in sixteenths")
    return exponents


@compiled
def within(numbers: Reals | Integers, least: float, most: float) -> bool:
    """Return whether all numbers lie within two limits; NaN does not."""
    for number in numbers:  # noqa: SIM110 - compiled code has no generators
        if not least <= number <= most:
            return False
    return True


_Array = TypeVar("_Array", Reals, Integers, Booleans)


def plain(array: _Array) -> _Array:
    """Return an array in the form for which code is compiled: itself, or a copy."""
    # Each other form would compile the code once more, which takes seconds.
    flags = array.flags
    if flags.c_contiguous and flags.writeable:
        return array
    return np.require(array, requirements=["C", "W"])
