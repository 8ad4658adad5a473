"""Alert rates of groups of agents beside those of all others."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple, get_args

from streams.desk.fairness.agents import Dimension, SellingAgent
from streams.desk.fairness.exact import fisher, holm
from streams.desk.model.tallies import MONTHS_OF_A_YEAR
from streams.desk.overview.intervals import Interval, ratio, share_interval

SMALLEST: Final = 5
"""Agents of a group that is shown: smaller ones are joined, so that no figure is of one person."""

LIMIT: Final = 0.10
"""The chance that even one group is told to stand out where none does."""

_WIDE: Final = 2.0

Finding = Literal["higher", "lower", "none", "little"]


class Group(NamedTuple):
    """One group beside all other agents.

    Attributes
    ----------
    name
        Its name; empty for agents of whom nobody knows it.
    joined
        How many smaller groups were joined to this one; 0 for a group as it is.
    agents, agent_years, warned
        How many agents it has, how many years they sold, and how many of them were alerted.
    interval
        The 90 % interval of the share of them.
    times, times_interval
        How many times the share of all others that is.
    confirmed, honest
        What two people found in the closed cases of its agents.
    finding
        Whether the share is ``higher`` or ``lower`` than that of all others, with all comparisons
        of the page in mind; ``little`` where the interval allows for twice as much and for half.
    """

    name: str
    joined: int
    agents: int
    agent_years: float
    warned: int
    interval: Interval
    times: float
    times_interval: Interval
    confirmed: int
    honest: int
    finding: Finding

    @property
    def share(self) -> float:
        """The share of its agents who were alerted."""
        return self.warned / self.agents

    @property
    def a_year(self) -> float:
        """Alerted agents in 100 agent-years."""
        return 100 * self.warned / self.agent_years


Groups = Mapping[Dimension, tuple[Group, ...]]


class _Members(NamedTuple):
    name: str
    joined: int
    agents: Sequence[SellingAgent]


def groups_of(agents: Sequence[SellingAgent]) -> Groups:
    """Return the groups of each dimension, the one with the highest share first.

    A dimension with fewer than two groups of `SMALLEST` compares nobody, and is empty.
    """
    members = {one: _members(agents, one) for one in get_args(Dimension)}
    compared = {one: found if len(found) > 1 else [] for one, found in members.items()}
    everybody, alerted = len(agents), sum(agent.warned for agent in agents)
    tested: list[tuple[Dimension, _Members, float]] = []
    for dimension, found in compared.items():
        for group in found:
            warned = sum(agent.warned for agent in group.agents)
            rest = (alerted - warned, everybody - len(group.agents))
            tested.append((dimension, group, fisher(warned, len(group.agents), *rest)))
    adjusted = holm([value for _, _, value in tested])
    groups: dict[Dimension, list[Group]] = {one: [] for one in get_args(Dimension)}
    for (dimension, group, _), value in zip(tested, adjusted, strict=True):
        groups[dimension].append(_group(group, everybody, alerted, value))
    return {
        one: tuple(sorted(found, key=lambda group: (-group.share, group.name)))
        for one, found in groups.items()
    }


def comparisons(groups: Groups) -> Iterable[Group]:
    """Yield every group of every dimension."""
    for found in groups.values():
        yield from found


def _members(agents: Sequence[SellingAgent], dimension: Dimension) -> list[_Members]:
    """Return the agents by group; small groups are joined, and left out if that is small still."""
    by_name: dict[str, list[SellingAgent]] = {}
    for agent in agents:
        by_name.setdefault(agent.groups[dimension], []).append(agent)
    kept = [_Members(name, 0, found) for name, found in by_name.items() if len(found) >= SMALLEST]
    small = [found for found in by_name.values() if len(found) < SMALLEST]
    joined = [agent for found in small for agent in found]
    return [*kept, _Members("", len(small), joined)] if len(joined) >= SMALLEST else kept


def _group(members: _Members, everybody: int, alerted: int, value: float) -> Group:
    of = len(members.agents)
    warned = sum(agent.warned for agent in members.agents)
    times, interval = ratio(warned, of, alerted - warned, everybody - of)
    return Group(
        name=members.name,
        joined=members.joined,
        agents=of,
        agent_years=sum(agent.months for agent in members.agents) / MONTHS_OF_A_YEAR,
        warned=warned,
        interval=share_interval(warned, of),
        times=times,
        times_interval=interval,
        confirmed=sum(agent.found == "confirmed" for agent in members.agents),
        honest=sum(agent.found == "honest" for agent in members.agents),
        finding=_finding(times, interval, value),
    )


def _finding(times: float, interval: Interval, value: float) -> Finding:
    if value <= LIMIT:
        return "higher" if times > 1 else "lower"
    return "little" if interval.low <= 1 / _WIDE and interval.high >= _WIDE else "none"
