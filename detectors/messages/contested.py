"""What the agents stage is told of claims that contradict or correct each other."""

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId


class ContestedSale(Struct, frozen=True, array_like=True, gc=False):
    """One of several claims about a sale names this agent, and they contradict each other.

    Or one of a greater version (``corrected``) names another agent than one before.

    ``sale_hash`` stands for the sale, ``known_at`` (seconds of event time) is when the second claim
    became known: at its own time, or later if it came late.
    """

    agent_id: AgentId
    sale_hash: int
    known_at: Seconds
    corrected: bool = False
