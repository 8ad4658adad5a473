"""An interaction of an agent, or an access, as it is told to the ledger of that agent."""

from typing import NamedTuple

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.text_hash import customer_hash
from detectors.events.event import Access, Interaction
from detectors.facts.contact import AGENT, agent_hash

NOBODY_KNOWS_WHO = 0
"""Stands for the hash of a customer whom an event does not name."""


class Touched(NamedTuple):
    """What is remembered of a touch, in the order of time.

    ``customer`` is a hash, `NOBODY_KNOWS_WHO` where nobody can tell. ``looked``: it is an access to
    their data. ``met``: it is an interaction, or an access that names the one it was made in.
    """

    at: Seconds
    event_id: str
    customer: int
    looked: bool
    met: bool


class Touch(Struct, frozen=True, array_like=True, gc=False):
    """What an agent did, and when (seconds of event time) it became known.

    ``field`` and ``value`` are as in a `detectors.facts.mention.Mention`: the agent's.
    """

    field: str
    value: int
    touched: Touched
    known_at: Seconds

    @property
    def happened_at(self) -> Seconds:
        """When it happened."""
        return self.touched.at


def touch_of(event: Interaction | Access, at: Seconds, known_at: Seconds) -> Touch | None:
    """Return what is told of an event; None if it names no agent."""
    value = agent_hash(event.agent_id)
    if not value:
        return None
    customer = NOBODY_KNOWS_WHO if event.customer_id is None else customer_hash(event.customer_id)
    looked = isinstance(event, Access)
    met = not looked or event.interaction_id is not None
    return Touch(AGENT, value, Touched(at, event.event_id, customer, looked, met), known_at)
