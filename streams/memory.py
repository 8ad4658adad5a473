"""Memory of programs that keep much, for long: Python's cyclic garbage, and the C library's heap.

*Cyclic garbage.* Python's collector looks at everything that is kept, now and then: with a million
accounts that is a pause of a second. What is kept here has no cycles, and is freed when nothing
refers to it any more, without the collector.

*The heap.* State is written in blocks of hundreds of kilobytes, which lie among small objects that
stay. GNU's C library returns by itself only what is free at the end of its heap, so a worker with
many accounts would come to hold far more than it uses.
"""

import ctypes
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cyclic garbage less often inside the block."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def freeze_garbage_collector() -> None:
    """Let the collector never again look at what there is now."""
    gc.collect(1)  # the young generations only: the old one is what takes a second
    gc.freeze()


def return_free_memory() -> bool:
    """Return free memory to the system; true if there was any.

    It takes some hundredths of a second of a large heap. With a C library that has no such call,
    nothing happens.

    Examples
    --------
    >>> return_free_memory() in (True, False)
    True
    """
    return _trim is not None and bool(_trim(0))


def _trimming() -> Callable[[int], int] | None:
    """Return the call of GNU's C library that returns what is free; None with another library."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):  # TypeError where there is no library to look in
        return None
    return found


_trim: Final = _trimming()
