"""Since when an agent has been selling, as a ledger tells it."""

from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId


class StartedAgent(Struct, frozen=True, array_like=True, gc=False):
    """The day on which an agent started, as it counts from the day ``since`` on.

    That is the day after it was known: then all partitions begin with the same one.
    """

    agent_id: AgentId
    since: Day
    started: Day
