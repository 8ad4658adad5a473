"""Who of the agents that are new on a day is judged: as many as there may be in all."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from detectors.messages.newcomers import EVERYBODY, NOBODY, Newcomers, Places, keys


def places_of(newcomers: Sequence[Newcomers], known: int, most: int) -> tuple[Places, int]:
    """Return who of the newcomers of a day is judged, and how many agents are known then.

    Up to half of `most` everybody is, beyond it who made several sales on the day: a flood of
    names that occur once leaves places for those that do not. Where not all have one, the smallest
    keys do, whoever told of them.

    Examples
    --------
    >>> from detectors.messages.newcomers import held_keys
    >>> many = Newcomers(rare=held_keys(["ann", "bob", "cid"]))
    >>> places_of([many], known=0, most=4)[1]
    2
    """
    frequent, known = _admitted(keys(one.frequent for one in newcomers), known, most)
    rare, known = _admitted(keys(one.rare for one in newcomers), known, most // 2)
    return Places(frequent, rare), known


def _admitted(new: NDArray[np.int64], known: int, most: int) -> tuple[int, int]:
    room = max(most - known, 0)
    if new.size <= room:
        return EVERYBODY, known + int(new.size)
    # Of equal keys all are admitted or none: two names that share one are not told apart.
    largest = int(new[room]) - 1 if room else NOBODY
    return largest, known + int(np.searchsorted(new, largest, side="right"))
