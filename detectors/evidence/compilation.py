"""Compiled code; the only module that knows numba.

No fast-math: every rounding happens where it is written, so the same outcomes give the same bits
however they are cut into batches.
"""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from numba import njit

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


def compiled(function: Callable[_Parameters, _Result]) -> Callable[_Parameters, _Result]:
    """Compile on first call; keep the machine code on disk where some folder can be written."""
    try:
        return njit(cache=True, error_model="numpy")(function)
    except RuntimeError:  # numba found no folder for its cache, as in a read-only container
        return njit(error_model="numpy")(function)
