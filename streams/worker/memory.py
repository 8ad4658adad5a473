"""Memory that is free, and that the C library keeps.

State is written in blocks of hundreds of kilobytes, which lie among small objects that stay. GNU's
C library gives back by itself only what is free at the end of its heap, so a worker with many
accounts would come to hold far more than it uses.
"""

import ctypes
from collections.abc import Callable
from typing import Final


def _trimming() -> Callable[[int], int] | None:
    """Give the function of GNU's C library that gives back what is free; None with another."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # TypeError where there is no library to look in
        return None
    return found


_trim: Final = _trimming()


def give_back_free_memory() -> bool:
    """Give free memory back to the system; tell whether any was.

    It takes some hundredths of a second of a large heap. With a C library that has no such thing,
    nothing happens.

    Examples
    --------
    >>> give_back_free_memory() in (True, False)
    True
    """
    return _trim is not None and bool(_trim(0))
