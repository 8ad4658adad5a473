"""How many sales each agent made on each day, as far as their windows may still be running."""

from detectors.event_time import day_of
from detectors.outcomes import AgentId


class SalesCount:
    """Counts per agent and day of sale, told as absolute numbers of the days that changed."""

    def __init__(self) -> None:
        self._counts: dict[AgentId, dict[int, int]] = {}
        self._changed: set[tuple[AgentId, int]] = set()
        self._oldest = 0

    def add(self, agent_id: AgentId | None, at: float, change: int = 1) -> None:
        """Count a sale at time `at` (seconds); nothing if no agent sold it."""
        if agent_id is None:
            return
        day = day_of(at)
        days = self._counts.get(agent_id)
        if days is None:
            days = self._counts[agent_id] = {}
        days[day] = days.get(day, 0) + change
        self._changed.add((agent_id, day))

    def changed(self) -> dict[AgentId, dict[int, int]]:
        """Give the counts that changed since the last call."""
        changed: dict[AgentId, dict[int, int]] = {}
        for agent_id, day in self._changed:
            changed.setdefault(agent_id, {})[day] = self._counts[agent_id][day]
        self._changed = set()
        return changed

    def forget_before(self, day: int) -> None:
        """Drop the counts of days before `day`."""
        if day <= self._oldest:
            return
        self._oldest = day
        self._changed = {pair for pair in self._changed if pair[1] >= day}
        for agent_id, days in list(self._counts.items()):
            kept = {sold: count for sold, count in days.items() if sold >= day}
            if kept:
                self._counts[agent_id] = kept
            else:
                del self._counts[agent_id]
