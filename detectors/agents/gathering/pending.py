"""Sales whose window has not passed, per agent: shown beside every rate, never part of one."""

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from detectors.agents.gathering.by_day import drop_before
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.messages.outcomes import SalesDay

PendingState = dict[Day, dict[AgentId, int]]
"""Number of sales by day of sale and agent."""


class PendingSales:
    """Sales per agent and day, for as many days as the longest window has (`days`)."""

    def __init__(self, days: float) -> None:
        self._days: Final = int(days) + 1
        self.state: PendingState = {}

    def add(self, days: Mapping[Day, SalesDay]) -> None:
        """Count the sales made on whole days, each of which is added once (see `SalesBuffer`)."""
        for day, sales in days.items():
            if sales.made:
                self.state[day] = dict(Counter([made.agent_id for made in sales.made]))

    def add_of(self, kind: GroupKind, days: Mapping[Day, SalesDay]) -> None:
        """Count those made by the groups of one kind instead."""
        for day, sales in days.items():
            counts = sales.groups.get(kind)
            if counts:
                self.state[day] = {AgentId(name): count for name, count in counts.items()}

    def count(self, agent_id: AgentId, day: Day, window: float) -> int:
        """Count the agent's sales of the `window` days that end with `day`.

        For a window of whole days these are the sales whose window has not passed at the end of
        `day`; of a fraction of a day, all sales of the first day count.
        """
        return sum(
            counts.get(agent_id, 0)
            for sold, counts in self.state.items()
            if day - window < sold <= day
        )

    def counters(
        self, day: Day, windows: Mapping[PatternName, float]
    ) -> dict[PatternName, Callable[[AgentId], int]]:
        """Return what counts an agent's pending sales at the end of `day`, by pattern."""
        return {name: partial(self.count, day=day, window=windows[name]) for name in windows}

    def forget(self, day: Day) -> None:
        """Drop the sales that are no longer pending at the end of `day`."""
        drop_before(self.state, day - self._days + 1)
