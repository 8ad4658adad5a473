"""How the outcomes of one agent and day vary together, added up until it is reported.

`docs/statistics.md`, section 8.
"""

from typing import NamedTuple

import numpy as np

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.messages.outcomes import Dispersion
from detectors.peers.spread import MILLION, OWN_PRIOR, agent_dispersion

Ever = tuple[Integers, Reals, Reals]
"""Of each agent: bad outcomes, those expected by the peers, and their variance."""


class Trials(NamedTuple):
    """Outcomes of a day, in groups of one agent and one expectation."""

    rows: Integers
    """The agent."""
    number: Integers
    bad: Integers
    expected: Reals
    """Of each outcome, by the peers, p."""


class Residuals:
    """Sums over agent-days and, when they are drained, over agents."""

    def __init__(self) -> None:
        self.state = Dispersion()

    def add(self, trials: Trials, ever: Ever, honest: Booleans) -> None:
        """Add the trials of a day, of the agents who are `honest`."""
        observed, expected, _ = ever
        squares, variance = day_dispersion(trials, observed, expected, honest)
        state = self.state
        self.state = Dispersion(
            day_squares=state.day_squares + squares, day_variance=state.day_variance + variance
        )

    def drain(self, ever: Ever, honest: Booleans, between_agent_sd: float) -> Dispersion:
        """Return the sums, those over agents as of now, and reset those over days."""
        observed, expected, variance = ever
        agents = agent_dispersion(
            observed[honest], expected[honest], variance[honest], between_agent_sd
        )
        days, self.state = self.state, Dispersion()
        return Dispersion(
            agents.agents,
            agents.squares,
            agents.noise,
            agents.weight,
            days.day_squares,
            days.day_variance,
        )


def day_dispersion(
    trials: Trials, observed_ever: Integers, expected_ever: Reals, honest: Booleans
) -> tuple[int, int]:
    """Sum up how the outcomes of one day vary together: ``day_squares``, ``day_variance``.

    Of each agent with at least two outcomes, (sum of y - q)^2 is compared with its variance by
    chance, the sum of q (1 - q), where q is the expectation p times the agent's own shrunk ratio.
    That of a single outcome, (y - q)^2, shows nothing of correlation and is replaced by its mean:
    the same expectation, much less noise. The ratio follows the day it is compared with, which
    takes a share e / (E + `OWN_PRIOR`) of the variance away, e being expected of the day and E ever
    (exact for rare outcomes and the prior of the ratio); that share is added back.

    Parameters
    ----------
    trials
        Those of the day.
    observed_ever, expected_ever
        Of each agent: bad outcomes and the sum of p, those of this day included.
    honest
        Of each agent, whether their outcomes count.
    """
    squares, variance = _millionths(trials, observed_ever, expected_ever, honest)
    return int(squares), int(variance)


@compiled
def _millionths(
    trials: Trials, observed_ever: Integers, expected_ever: Reals, honest: Booleans
) -> tuple[float, float]:
    """Add up in millionths, each agent's rounded alone: whole numbers, exact in any order."""
    ever = expected_ever + OWN_PRIOR
    ratio = (observed_ever + OWN_PRIOR) / ever
    # of each agent: outcomes, their residual, its squares one by one, variance, and expectation
    number, residual, alone, chance, share = np.zeros((5, ever.size))
    for group in range(trials.rows.size):
        row = trials.rows[group]
        many, bad, peers = trials.number[group], trials.bad[group], trials.expected[group]
        own = min(peers * ratio[row], 1.0)
        number[row] += many
        residual[row] += bad - many * own
        alone[row] += bad * ((1.0 - own) * (1.0 - own)) + (many - bad) * (own * own)
        chance[row] += many * own * (1.0 - own)
        share[row] += many * peers
    squares = variance = 0.0
    for row in range(ever.size):
        if honest[row] and number[row] > 1.0:
            squared = residual[row] * residual[row] - alone[row]
            restored = chance[row] * (1.0 + share[row] / ever[row])
            squares += np.rint((squared + restored) * MILLION)
            variance += np.rint(chance[row] * MILLION)
    return squares, variance
