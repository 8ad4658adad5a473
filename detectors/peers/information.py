"""How much an expectation rests on: it is itself an estimate, and the better the more it rests on.

An agent who is nearly the whole market of their cell is compared with few others, whose noise would
be held against them. With R and B the bad outcomes of others that the recent level and the rate
over all time rest on, E_r and E those expected of the agent, lately and ever, the agent's bad
outcomes minus those expected have about

    1 + E_r / R + E / B

times their variance by chance: a level known from R Poisson counts has the relative variance 1 / R,
and all that is expected of the agent moves with it. One agent of 200 has 1.01 or less.
"""

from typing import TypeAlias

from detectors.evidence.compilation import compiled
from detectors.peers.expectation import CALM_CELL, CALM_MARKET, INNOCENT_BAD

Information: TypeAlias = tuple[float, float]
"""Of a cell: bad outcomes of others that its recent level rests on, and its rate over all time."""


@compiled
def information_of_all(bad: float, recent_expected: float) -> Information:
    """Return the information of the root, from the totals of some agents."""
    return max(recent_expected, 0.0) + CALM_MARKET, max(bad, 0.0) + INNOCENT_BAD


@compiled
def information_within(
    wider: Information, wider_rate: float, bad: float, recent_expected: float, shrinkage: float
) -> Information:
    """Return the information of a cell: its own, and the wider one's as far as it is shrunk."""
    lately, ever = wider
    return (
        max(recent_expected, 0.0) + min(CALM_CELL, lately),
        max(bad, 0.0) + min(shrinkage * wider_rate, ever),
    )


@compiled
def inflation(information: Information, recent_expected: float, expected: float) -> float:
    """Return the factor above, at least 1, for what was expected of an agent lately, and ever."""
    lately, ever = information
    return 1.0 + max(recent_expected, 0.0) / lately + max(expected, 0.0) / ever
