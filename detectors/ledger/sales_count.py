"""How many sales each agent made on each day, told once the day is complete."""

from typing import Final

from detectors.outcomes import AgentId


class SalesCount:
    """Counts per day of sale and agent, kept until they are told."""

    def __init__(self) -> None:
        self._days: Final[dict[int, dict[AgentId, int]]] = {}

    def add(self, agent_id: AgentId, day: int, change: int) -> None:
        """Add `change` to an agent's sales of a day."""
        counts = self._days.get(day)
        if counts is None:
            counts = self._days[day] = {}
        counts[agent_id] = counts.get(agent_id, 0) + change

    def take_before(self, day: int) -> dict[AgentId, dict[int, int]]:
        """Give the counts of all days before `day`, and forget them."""
        taken: dict[AgentId, dict[int, int]] = {}
        for complete in sorted(known for known in self._days if known < day):
            for agent_id, count in self._days.pop(complete).items():
                if count:
                    taken.setdefault(agent_id, {})[complete] = count
        return taken
