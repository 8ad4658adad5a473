"""A day of the early tier, added up for each agent from groups of their sales at risk."""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Integers, Reals
from detectors.evidence.compilation import compiled
from detectors.evidence.tempering import exponents

SHARE: Final = 10
"""Of an agent's sales at risk, one in this many may count as ended badly on one day."""


class Groups(NamedTuple):
    """Sales at risk on a day, alike within each group: those of an agent, age and cell."""

    rows: Integers
    """The agent."""
    at_risk: Integers
    ended: Integers
    probabilities: Reals
    """Of each sale, to end badly on the day as peers' do."""
    inflations: Reals
    """How uncertain that makes residuals, see `detectors.peers.information`."""


class AgentDays(NamedTuple):
    """The agents with a sale at risk, in the order of their rows; and a column of the groups."""

    rows: Integers
    expected: Reals
    """How many of their sales were to end badly."""
    ended: Integers
    """How many of those that did count."""
    exponents: Integers
    """Of the likelihood of each day, in sixteenths."""
    counted: Integers
    """Of each group, how many of those that ended badly count."""


def agent_days(groups: Groups, agents: int, tempering: float, burst: int) -> AgentDays:
    """Add up what happened to each of some agents on a day.

    The bad endings of one agent and day are one event as soon as they are a burst: of them as many
    count as make one, or one in `SHARE` of the agent's sales at risk where that is more. The rest
    is left to the pattern `burst`. The exponent of an agent is the mean over their groups, weighted
    by what was expected of them.
    """
    at_risk, ended = np.zeros(agents, np.int64), np.zeros(agents, np.int64)
    expected, certain = np.zeros(agents), np.zeros(agents)
    counted = np.empty(groups.rows.size, np.int64)
    _add_up(groups, at_risk, expected, certain)
    _count(groups.rows, groups.ended, np.maximum(burst, -(-at_risk // SHARE)), ended, counted)
    rows = np.flatnonzero(at_risk)
    due = expected[rows]
    return AgentDays(rows, due, ended[rows], exponents(tempering, due / certain[rows]), counted)


def counted_endings(
    rows: Integers, at_risk: Integers, ended: Integers, agents: int, burst: int
) -> Integers:
    """Return of each group how many of its bad endings count, as `agent_days` has it."""
    counted = np.empty(rows.size, np.int64)
    at_risk_of = np.bincount(rows, at_risk, agents).astype(np.int64)
    nothing = np.zeros(agents, np.int64)
    _count(rows, ended, np.maximum(burst, -(-at_risk_of // SHARE)), nothing, counted)
    return counted


@compiled
def _add_up(groups: Groups, at_risk: Integers, expected: Reals, certain: Reals) -> None:
    """Add up over the groups of each agent; `certain` is what was expected, over the inflation."""
    for group in range(groups.rows.size):
        row = groups.rows[group]
        of_group = groups.at_risk[group] * groups.probabilities[group]
        at_risk[row] += groups.at_risk[group]
        expected[row] += of_group
        certain[row] += of_group / groups.inflations[group]


@compiled
def _count(
    rows: Integers, endings: Integers, room: Integers, ended: Integers, counted: Integers
) -> None:
    """Count bad endings, group by group, as long as there is room for more of an agent's."""
    for group in range(rows.size):
        row = rows[group]
        counted[group] = min(endings[group], room[row])
        room[row] -= counted[group]
        ended[row] += counted[group]
