"""Discoveries among many agents with few false ones: `docs/statistics.md`, section 9."""

from collections.abc import Iterable
from math import inf


def discovery_threshold(
    candidates: Iterable[float],
    hypotheses: int,
    false_discovery_rate: float,
) -> float:
    """Return the e-value at which an agent is a discovery; infinity if nobody is.

    The e-BH procedure of Wang and Ramdas (JRSS B 2022, arXiv 2009.02824): the k-th largest e-value
    for the largest k at which it is at least ``hypotheses / (false_discovery_rate * k)``. The share
    of honest agents among those at or above the threshold is at most `false_discovery_rate` on
    average, whatever the dependence between agents.

    `candidates` are the e-values of some of the `hypotheses`, in any order. Those below
    ``1 / false_discovery_rate`` may be left out: they are never discoveries and change nothing.
    Where hypotheses are pairs of agents and patterns, the largest e-value of each agent alone is a
    candidate. Then the share of honest agents among those found is bounded as well, which it is not
    where one agent counts once for each pattern (`docs/statistics.md`, section 9).

    Raises
    ------
    ValueError
        If a candidate is negative or not a number, there are more candidates than hypotheses, or
        `false_discovery_rate` is not strictly between 0 and 1.

    """
    if not 0.0 < false_discovery_rate < 1.0:
        raise ValueError(
            f"false_discovery_rate must lie strictly between 0 and 1, not {false_discovery_rate}",
        )
    descending = sorted(candidates, reverse=True)
    if len(descending) > hypotheses:
        raise ValueError(f"hypotheses must be at least the {len(descending)} candidates")
    if not all(value >= 0.0 for value in descending):
        raise ValueError("candidates must be at least 0 and numbers")
    for rank in range(len(descending), 0, -1):
        value = descending[rank - 1]
        if value >= hypotheses / (false_discovery_rate * rank):
            return value
    return inf
