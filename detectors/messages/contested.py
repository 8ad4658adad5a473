"""What the agents stage is told of sales of which one claim alone does not decide."""

from typing import Literal

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId

About = Literal["contested", "corrected", "merged", "handed_over", "taken_over"]


class ContestedSale(Struct, frozen=True, array_like=True, gc=False):
    """One of several claims about a sale names this agent, and they contradict each other.

    Or, as ``about`` says, one of a greater version names another agent than one before, or the sale
    was left out, for its account became part of another one. Or it was handed over by this id of an
    agent, which became part of another one, or taken over by that one.

    ``sale_hash`` stands for the sale, ``known_at`` (seconds of event time) is when the second claim
    became known: at its own time, or later if it came late.
    """

    agent_id: AgentId
    sale_hash: int
    known_at: Seconds
    about: About = "contested"
