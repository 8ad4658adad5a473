"""Cyclic garbage, in programs that keep much which has no cycles.

Python's collector looks at everything that is kept, now and then: with a million accounts that is a
pause of a second. What is kept here is freed when nothing refers to it any more, without it.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def rare_collections() -> Iterator[None]:
    """Look for cyclic garbage less often inside the block."""
    thresholds = gc.get_threshold()
    gc.set_threshold(100_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def spare_what_stays() -> None:
    """Let the collector never again look at what there is now."""
    gc.collect(1)
    gc.freeze()
