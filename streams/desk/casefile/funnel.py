"""The agent among peers: rate against volume, with the limits that chance leaves.

A funnel as D. J. Spiegelhalter has it (Funnel plots for comparing institutional performance,
Statistics in Medicine 24, 2005): limits are quantiles of the binomial distribution about the rate
of peers, interpolated. They also allow for how much honest agents differ: the rate of each is drawn
on the logit, as the detectors take it, so a funnel accuses nobody whom evidence would not.
"""

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from msgspec import Struct
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Subject
from detectors.basis.event_time import Day

TAILS: Final = (0.001, 0.025, 0.975, 0.999)
"""Of the limits at 99.8 % and 95 %, from the lowest."""

_NODES: Final = 21
_STEPS: Final = 40
_LEAST_PEERS: Final = 3


class Limits(Struct, frozen=True):
    """The limits of the rate after so many trials, in the order of `TAILS`."""

    trials: int
    rates: tuple[float, float, float, float]


class Funnel(Struct, frozen=True):
    """One agent (or group) among the others of its kind, in the stretch of an alert.

    Attributes
    ----------
    trials, bad
        Those of the agent.
    peers
        Trials and bad ones of each other agent, in no order that tells who they are.
    rate
        That of all peers together.
    limits
        For rising numbers of trials.
    counted
        What a trial is: ``sales`` or ``days``.
    """

    trials: int
    bad: int
    peers: tuple[tuple[int, int], ...]
    rate: float
    limits: tuple[Limits, ...]
    counted: str


class Tally(list[Judgement]):
    """Counts the judgements of everybody of one kind for one pattern in a stretch of days.

    Parameters
    ----------
    subject, pattern
        Of the alert: everybody of the same kind is counted.
    first, last
        The days of the stretch, both within it.
    """

    def __init__(self, subject: Subject, pattern: str, first: Day, last: Day) -> None:
        super().__init__()
        self._subject: Final = subject
        self._pattern: Final = pattern
        self._first: Final = first
        self._last: Final = last
        self._verdicts: Final[dict[tuple[str, Day, str], bool]] = {}

    def extend(self, judgements: Iterable[Judgement], /) -> None:
        """Count those that are of the kind, the pattern and the stretch; keep none."""
        for one in judgements:
            if (one.kind, one.pattern) != (self._subject.type, self._pattern):
                continue
            judged_on = one.day if one.corrects is None else one.corrects
            if not (self._first <= judged_on <= self._last and one.day <= self._last):
                continue
            key = (one.agent_id, judged_on, one.sale_id)
            if one.trials:
                self._verdicts[key] = one.bad
            else:
                self._verdicts.pop(key, None)

    def funnel(self, between_agent_sd: float, counted: str) -> Funnel | None:
        """Return the funnel; None with too few peers, or where peers have no bad ones."""
        counts: dict[str, list[int]] = {}
        for (agent_id, _, _), bad in self._verdicts.items():
            count = counts.setdefault(agent_id, [0, 0])
            count[0] += 1
            count[1] += bad
        trials, bad_ones = counts.pop(self._subject.id, [0, 0])
        peers = tuple(sorted((made, bad) for made, bad in counts.values()))
        made = sum(count for count, _ in peers)
        rate = sum(bad for _, bad in peers) / made if made else 0.0
        if len(peers) < _LEAST_PEERS or not trials or not 0.0 < rate < 1.0:
            return None
        most = max(trials, *(count for count, _ in peers))
        limits = limits_of(rate, between_agent_sd, _volumes(most))
        return Funnel(trials, bad_ones, peers, rate, limits, counted)


def limits_of(rate: float, sd: float, volumes: Sequence[int]) -> tuple[Limits, ...]:
    """Return the limits about a rate for some numbers of trials.

    `sd` is that of honest agents on the logit.
    """
    nodes, weights = hermgauss(_NODES)
    logits = np.log(rate / (1.0 - rate)) + np.sqrt(2.0) * sd * nodes
    rates = 1.0 / (1.0 + np.exp(-logits))
    shares = weights / weights.sum()
    factorials = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, max(volumes) + 1)))))
    found = []
    for trials in volumes:
        bad = np.arange(trials + 1)
        ways = factorials[trials] - factorials[bad] - factorials[trials - bad]
        logs = ways + np.outer(np.log(rates), bad) + np.outer(np.log1p(-rates), trials - bad)
        density = shares @ np.exp(logs)
        low, lower, upper, high = (_quantile(density, tail) / trials for tail in TAILS)
        found.append(Limits(trials, (low, lower, upper, high)))
    return tuple(found)


def _quantile(density: NDArray[np.float64], tail: float) -> float:
    """Return where so much of a distribution of whole numbers lies below, interpolated."""
    below = np.cumsum(density)
    at = min(int(np.searchsorted(below, tail)), len(density) - 1)
    inside = (below[at] - tail) / density[at]
    return max(0.0, at - float(inside))


def _volumes(most: int) -> list[int]:
    return sorted(
        {max(1, round(most * 1.05 * (step / _STEPS) ** 1.5)) for step in range(_STEPS + 1)}
    )
