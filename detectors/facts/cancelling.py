"""What is remembered of a cancellation."""

from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, SaleId
from detectors.events.event import CancellationReason, Initiator

UNREADABLE_REFUND: Final = -1.0
"""Stands for a refund that nobody could read: it may be all of the price, or a part."""

MOST_CANCELLATIONS: Final = 1_000
"""Cancellations of one sale that are remembered, the earliest: no sender fills a memory."""


class CancellationRecord(Struct, frozen=True, array_like=True, gc=False):
    """A cancellation of a sale; of all of it where ``refund`` is None, else perhaps of a part.

    ``agent_id`` is who keyed it, None where nobody did or nobody knows. ``charged``: a fee was
    charged for it.
    """

    sale_id: SaleId
    event_id: str
    at: Seconds
    reason: CancellationReason
    initiated_by: Initiator
    refund: float | None = None
    agent_id: AgentId | None = None
    charged: bool = False

    @property
    def speaks_as(self) -> tuple[SaleId, Initiator, CancellationReason, AgentId | None, bool]:
        """What must be the same in two whole ones for the later to say nothing new."""
        return (self.sale_id, self.initiated_by, self.reason, self.agent_id, self.charged)


def in_order(record: CancellationRecord) -> tuple[Seconds, str, str, str, float, str, bool]:
    """Return a key by time that no two records share, not even two versions of one event."""
    refund = float("inf") if record.refund is None else record.refund
    keyed_by = record.agent_id or ""
    said = (record.reason, record.initiated_by, refund, keyed_by, record.charged)
    return (record.at, record.event_id, *said)


def time_and_id(record: CancellationRecord) -> tuple[Seconds, str]:
    """Return a key by time, that of the event among equal ones."""
    return (record.at, record.event_id)
