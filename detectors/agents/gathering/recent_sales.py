"""How many sales of each agent matured in the last days: the size of a burst depends on it."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId

RecentSalesState = dict[Day, dict[AgentId, int]]
"""By day, the number of sales of each agent that matured."""


class RecentSales:
    """Counts sales over a number of days up to and including the last one that was added.

    Parameters
    ----------
    state
        What an earlier object knew; it is kept up to date.
    days
        Over how many days, at least 1.
    """

    def __init__(self, state: RecentSalesState, days: int) -> None:
        self._state: Final = state
        self._days: Final = days
        self._sums: Final[Counter[AgentId]] = Counter()
        for sales in state.values():
            self._sums.update(sales)

    def __getitem__(self, agent_id: AgentId) -> int:
        """Return the number of an agent's sales."""
        return self._sums[agent_id]

    def add(self, day: Day, sales: Mapping[AgentId, int]) -> None:
        """Add the sales of a day, once; days must come in their order."""
        for old in [known for known in self._state if known <= day - self._days]:
            sums = self._sums
            for agent_id, number in self._state.pop(old).items():
                # An agent who sells no more must not be remembered, not even with 0 sales.
                left = sums[agent_id] - number
                if left:
                    sums[agent_id] = left
                else:
                    del sums[agent_id]
        if sales:
            self._state[day] = dict(sales)
            self._sums.update(sales)
