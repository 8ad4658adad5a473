"""Whether a worker under load stays as it is: slopes with their errors, and what they say."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
from msgspec import Struct

from bench.soak.sampling import Sample

BLOCK_SECONDS: Final = 60.0
"""Samples are averaged over blocks: neighbours are too alike to count as one each, and state is
written in a rhythm of up to a minute."""

LARGEST_GROWTH: Final = 0.003
"""Growth of memory a minute, as a share of it, that is too small to matter here."""

FEWEST_BLOCKS: Final = 4
SPARE_HANDLES: Final = 3
SLOWEST: Final = 0.7
WAITED_AT_MOST: Final = 0.1
FULL: Final = 0.97


class Slope(Struct, frozen=True):
    """A least-squares slope a minute, its standard error, and the mean over the time."""

    per_minute: float
    error: float
    mean: float

    @property
    def is_rising(self) -> bool:
        """Whether chance alone does not explain the rise."""
        return self.per_minute > 2.0 * self.error


def slope(samples: Sequence[Sample], value: Callable[[Sample], float]) -> Slope:
    """Fit a line through the means of blocks.

    Raises
    ------
    ValueError
        If there are fewer blocks than can show an error.
    """
    blocks: dict[int, list[Sample]] = {}
    for sample in samples:
        blocks.setdefault(int((sample.at - samples[0].at) / BLOCK_SECONDS), []).append(sample)
    if len(blocks) < FEWEST_BLOCKS:
        raise ValueError(f"{len(blocks)} blocks of {BLOCK_SECONDS:g} s are too few for a slope")
    minutes = np.array([np.mean([s.at for s in block]) for block in blocks.values()]) / 60.0
    values = np.array([np.mean([value(s) for s in block]) for block in blocks.values()])
    from_middle = minutes - minutes.mean()
    spread = float(from_middle @ from_middle)
    rise = float(from_middle @ values) / spread
    rest = values - values.mean() - rise * from_middle
    error = float(np.sqrt(rest @ rest / (len(blocks) - 2) / spread))
    return Slope(rise, error, float(values.mean()))


def complaints(samples: Sequence[Sample], accounts: int) -> list[str]:
    """Return what is not as it must be, of samples taken once the state was full."""
    return [
        *_of_memory(slope(samples, lambda s: s.held.resident)),
        *_of_lag("events", slope(samples, lambda s: s.uncommitted), samples),
        *_of_lag("inner topics", slope(samples, lambda s: s.inner), samples),
        *_of_lag("judging in days", slope(samples, lambda s: s.unjudged), samples),
        *_of_handles(samples),
        *_of_load(samples, accounts),
    ]


def _of_memory(rise: Slope) -> Iterator[str]:
    bound = LARGEST_GROWTH * rise.mean
    told = f"{rise.per_minute:+.2f} ± {rise.error:.2f} MB/min of {rise.mean:,.0f} MB"
    if rise.is_rising and rise.per_minute > bound:
        yield f"memory grows: {told}"
    elif rise.error > bound:
        yield f"whether memory grows cannot be told: {told}; run for longer"


def _of_lag(what: str, rise: Slope, samples: Sequence[Sample]) -> Iterator[str]:
    minutes = (samples[-1].at - samples[0].at) / 60.0
    grown = rise.per_minute * minutes
    if rise.is_rising and grown > 0.5 * rise.mean:
        told = f"by {grown:,.0f} in {minutes:.0f} min, mean {rise.mean:,.0f}"
        yield f"the lag of {what} grows: {told}"


def _of_handles(samples: Sequence[Sample]) -> Iterator[str]:
    third = len(samples) // 3
    for what in ("files", "sockets", "threads"):
        before = max(getattr(sample.held, what) for sample in samples[:third])
        after = max(getattr(sample.held, what) for sample in samples[-third:])
        if after > before + SPARE_HANDLES:
            yield f"{what} grow: {before} at most at first, {after} in the end"


def _of_load(samples: Sequence[Sample], accounts: int) -> Iterator[str]:
    third = len(samples) // 3
    before, after = rate(samples[:third]), rate(samples[-third:])
    if after < SLOWEST * before:
        yield f"it slows down: {before:,.0f} events/s at first, {after:,.0f} in the end"
    waited = sum(sample.waiting <= 0 for sample in samples) / len(samples)
    if waited > WAITED_AT_MOST:
        yield f"not at full load: in {waited:.0%} of the samples the worker waited for events"
    fewest = min(sample.accounts for sample in samples)
    if fewest < FULL * accounts:
        yield f"the state was not full: only {fewest:,.0f} accounts at one time"


def rate(samples: Sequence[Sample]) -> float:
    """Return events applied a second."""
    return (samples[-1].applied - samples[0].applied) / (samples[-1].at - samples[0].at)
