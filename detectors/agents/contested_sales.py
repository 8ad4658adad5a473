"""Sales that are contested, corrected, or left out, as far as alerts about agents tell of them."""

from collections.abc import Callable, Mapping
from typing import Final

from detectors.agents.gathering.by_day import drop_before
from detectors.alerts.alert import Alert
from detectors.alerts.data_quality import (
    with_contested,
    with_corrected,
    with_handed_over,
    with_merged,
    with_taken_over,
)
from detectors.basis.event_time import Day, day_of
from detectors.basis.identifiers import AgentId
from detectors.messages.contested import About
from detectors.messages.outcomes import OutcomeBundle

ContestedState = dict[Day, dict[AgentId, list[int]]]
"""Hashes of sales, by the day on which that became known, then by agent."""

DAYS: Final = 100
"""For so long such a sale is told with the alerts about those whom its claims name."""

MOST: Final = 50
"""Sales that are remembered of one agent and day: those with the smallest hashes, so that it does
not matter which of them came first."""

_NOTED: Final[Mapping[About, Callable[[Alert, int, int], Alert]]] = {
    "contested": with_contested,
    "corrected": with_corrected,
    "merged": with_merged,
    "handed_over": with_handed_over,
    "taken_over": with_taken_over,
}


class ContestedSales:
    """Remembers the sales of every agent of which something is told, of one kind.

    What a day's alerts say is known before the day is judged, and nothing that becomes known later
    is among it. So a replay says the same.

    Parameters
    ----------
    about
        What is told of them.

    Attributes
    ----------
    state
        The whole state; encode it at once.
    """

    def __init__(self, about: About) -> None:
        self._about: Final = about
        self._noted: Final = _NOTED[about]
        self.state: ContestedState = {}

    def receive(self, bundle: OutcomeBundle) -> None:
        """Receive a bundle of a ledger, which may come twice."""
        for one in bundle.contested:
            if one.about != self._about:
                continue
            known = self.state.setdefault(day_of(one.known_at), {})
            hashes = {*known.get(one.agent_id, ()), one.sale_hash}
            known[one.agent_id] = sorted(hashes)[:MOST]

    def noted(self, alert: Alert, day: Day) -> Alert:
        """Return an alert of a day with a sentence on the agent's sales of this kind, if any."""
        if not self.state or alert.subject.type != "agent":  # nearly always
            return alert
        agent_id = AgentId(alert.subject.id)
        found = {
            sale
            for on, by_agent in self.state.items()
            if day - DAYS < on <= day
            for sale in by_agent.get(agent_id, ())
        }
        return self._noted(alert, len(found), DAYS)

    def agents(self, day: Day) -> set[AgentId]:
        """Return of whom something is told on a day."""
        told = (known for on, known in self.state.items() if day - DAYS < on <= day)
        return {agent_id for known in told for agent_id in known}

    def forget(self, day: Day) -> None:
        """Forget what no alert after a day names."""
        drop_before(self.state, day - DAYS)
