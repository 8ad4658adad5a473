"""What is at stake in one sale that went bad."""

from msgspec import Struct

from detectors.basis.identifiers import AgentId
from detectors.facts.account import SaleRecord


class Stake(Struct, frozen=True, array_like=True, gc=False):
    """What a sale says beside its outcome; ``event_id`` is that of the sale, by which it is named.

    ``amount``, ``site``, ``team`` and ``seller`` are None where unknown, and ``customer`` is 0:
    else it is a hash of their id, the same wherever the same customer bought.
    """

    event_id: str
    amount: float | None = None
    customer: int = 0
    site: str | None = None
    team: str | None = None
    seller: AgentId | None = None


def stake_of(sale: SaleRecord) -> Stake:
    """Return what is at stake in a sale."""
    return Stake(sale.event_id, sale.amount, sale.customer, sale.site, sale.team, sale.agent_id)
