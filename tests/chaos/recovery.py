"""Recovery times, from the logs of the workers."""

import re
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import DAY
from tests.chaos.life import Life, moment_of

_RESTORED: Final = re.compile(r"aboveboard\.\w+: (\w+): partitions? .*restored.* in ([0-9.]+) s")


class Spread(Struct, frozen=True):
    """Numbers of seconds, in short."""

    count: int
    median: float
    largest: float


class Restored(Struct, frozen=True):
    """A stage that had its state back: when, and after how many seconds of reading."""

    stage: str
    at: float
    seconds: float


class Recovery(Struct, frozen=True):
    """How long it took until there was work again.

    ``reading``: from the assignment of partitions to their state being there, each time.
    ``from_start``: from the start of a process to its first state. ``ready``: from the start of a
    process to ``/readyz`` saying so. ``take_over``: from a kill to the next state of a ledger that
    any worker has back.
    """

    reading: Spread
    from_start: Spread
    ready: Spread
    take_over: Spread


def recovery(lives: Sequence[Life], kills: Iterable[float]) -> Recovery:
    """Put together what the workers wrote; `kills` are times on the wall."""
    by_life = [(life, restorations(life.log(), life.days_ahead * DAY)) for life in lives]
    everything = sorted((r for _, found in by_life for r in found), key=lambda r: r.at)
    ledgers = [r.at for r in everything if r.stage == "ledger"]
    return Recovery(
        reading=spread(r.seconds for r in everything),
        from_start=spread(found[0].at - life.started for life, found in by_life if found),
        ready=spread(life.ready_after for life in lives if life.ready_after is not None),
        take_over=spread(min((at - k for at in ledgers if at > k), default=0.0) for k in kills),
    )


def restorations(log: str, ahead: float = 0.0) -> list[Restored]:
    """Find the lines that tell of a restored state, by a clock that is so many seconds ahead."""
    found = []
    for line in log.splitlines():
        told, at = _RESTORED.search(line), moment_of(line)
        if told is not None and at is not None:
            found.append(Restored(told[1], at - ahead, float(told[2])))
    return found


def spread(numbers: Iterable[float]) -> Spread:
    """Return count, median and maximum; zeros of nothing."""
    known = sorted(numbers)
    if not known:
        return Spread(0, 0.0, 0.0)
    return Spread(len(known), round(median(known), 2), round(known[-1], 2))
