"""Sales whose window has not passed, per agent: shown beside every rate, never part of one."""

from typing import Final

from detectors.event_time import start_of_day
from detectors.outcomes import AgentId

PendingState = dict[int, dict[int, dict[AgentId, int]]]
"""Number of sales by day of sale, ledger partition and agent."""


class PendingSales:
    """Sales per agent and day, for as many days as the longest window has (`days`)."""

    def __init__(self, days: float) -> None:
        self._days: Final = int(days) + 1
        self.state: PendingState = {}

    def add(self, sales: dict[AgentId, dict[int, int]], ledger: int, told_until: float) -> None:
        """Take the sales that a ledger tells, but for days before `told_until`, told before."""
        for agent_id, counts in sales.items():
            for day, count in counts.items():
                if start_of_day(day + 1) > told_until:
                    self.state.setdefault(day, {}).setdefault(ledger, {})[agent_id] = count

    def count(self, agent_id: AgentId, day: int, window: float) -> int:
        """Count the agent's sales of the `window` days that end with `day`.

        For a window of whole days these are the sales whose window has not passed at the end of
        `day`; of a fraction of a day, all sales of the first day count.
        """
        return sum(
            counts.get(agent_id, 0)
            for sold, ledgers in self.state.items()
            if day - window < sold <= day
            for counts in ledgers.values()
        )

    def forget(self, day: int) -> None:
        """Drop the sales that are no longer pending at the end of `day`."""
        for sold in [sold for sold in self.state if sold <= day - self._days]:
            del self.state[sold]
