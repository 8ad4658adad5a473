"""Where the parts of a funnel stand, in the units of its drawing."""

from math import ceil, floor, log10
from typing import Final, NamedTuple

from streams.desk.casefile.funnel import Funnel

WIDTH: Final = 720.0
HEIGHT: Final = 300.0
LEFT: Final = 64.0
RIGHT: Final = 20.0
TOP: Final = 14.0
BOTTOM: Final = 46.0

_MOST_LINES: Final = 5
_ROOM: Final = 1.12
"""What is left free above the highest point."""

_TELLING: Final = 5
"""Peers with fewer trials do not stretch the axis: one bad of one is 100 %."""


class Tick(NamedTuple):
    """A place along an axis, and the value that stands there."""

    at: float
    value: float


class FunnelDrawing(NamedTuple):
    """A funnel: ``bands`` are the paths of the limits, from the lowest.

    ``outside`` counts the peers whose rate lies above the upper limit at 99.8 %, ``beyond``
    whether the agent's does; ``share`` is their rate.
    """

    peers: tuple[tuple[float, float], ...]
    own: tuple[float, float]
    bands: tuple[str, ...]
    centre: float
    volumes: tuple[Tick, ...]
    rates: tuple[Tick, ...]
    share: float
    beyond: bool
    outside: int


def funnel_drawing(funnel: Funnel) -> FunnelDrawing:
    """Return the drawing of a funnel."""
    most = funnel.limits[-1].trials
    share = funnel.bad / funnel.trials
    telling = [bad / made for made, bad in funnel.peers if made >= _TELLING]
    middle = next(one for one in funnel.limits if one.trials >= most / 10)
    highest = min(1.0, _ROOM * max(share, funnel.rate, middle.rates[-1], *telling))

    def x(trials: float) -> float:
        return round(LEFT + trials / most * (WIDTH - LEFT - RIGHT), 1)

    def y(rate: float) -> float:
        shown = min(1.0, rate / highest)
        return round(TOP + (1.0 - shown) * (HEIGHT - TOP - BOTTOM), 1)

    return FunnelDrawing(
        peers=tuple((x(made), y(bad / made)) for made, bad in funnel.peers),
        own=(x(funnel.trials), y(share)),
        bands=tuple(
            "M" + " L".join(f"{x(one.trials):g} {y(one.rates[band]):g}" for one in funnel.limits)
            for band in range(4)
        ),
        centre=y(funnel.rate),
        volumes=tuple(Tick(x(value), value) for value in _ticks(most)),
        rates=tuple(Tick(y(value), value) for value in _ticks(highest)),
        share=share,
        beyond=share > _highest(funnel, funnel.trials),
        outside=sum(bad / made > _highest(funnel, made) for made, bad in funnel.peers),
    )


def _highest(funnel: Funnel, trials: int) -> float:
    """Return the upper limit at 99.8 % for a number of trials, between those that are known."""
    before = funnel.limits[0]
    for one in funnel.limits:
        if one.trials >= trials:
            span = one.trials - before.trials
            share = (trials - before.trials) / span if span else 1.0
            return before.rates[-1] + share * (one.rates[-1] - before.rates[-1])
        before = one
    return before.rates[-1]


def _ticks(most: float) -> list[float]:
    """Return round values from 0 to at most `most`."""
    step = most / _MOST_LINES
    power = 10.0 ** floor(log10(step))
    step = power * next(one for one in (1, 2, 5, 10) if one * power >= step * 0.999)
    return [number * step for number in range(ceil(most / step) + 1) if number * step <= most]
