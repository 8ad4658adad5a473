"""What is known about one account: a join-semilattice.

Merging a fact is commutative, associative and idempotent, so the order of events and their
duplicates cannot matter, by construction rather than by bookkeeping: no set of seen event ids is
kept. Of two claims about the same sale, the earlier one (then the smaller event id) holds.
"""

from bisect import bisect_left
from enum import IntEnum

from msgspec import Struct

from detectors.events import CancellationReason, Initiator


class Verdict(IntEnum):
    """What a pattern says of one sale. A young sale is pending: neither good nor bad."""

    PENDING = 0
    GOOD = 1
    BAD = 2
    EXCLUDED = 3


class SaleRecord(Struct, gc=False):
    """A sale as the ledger remembers it.

    ``verdicts`` has one entry per enabled pattern; ``findings`` counts what was told of it.
    """

    sale_id: str
    event_id: str
    at: float
    agent_id: str | None
    product: str
    cell: str
    verdicts: tuple[Verdict, ...]
    findings: int = 0


class CancellationRecord(Struct, frozen=True, gc=False):
    """The first cancellation of a sale."""

    sale_id: str
    event_id: str
    at: float
    reason: CancellationReason
    initiated_by: Initiator


class Account(Struct, gc=False):
    """Facts about one account.

    ``uses`` are times of customer-initiated activity, thinned (see `add_use`). ``due`` is when the
    account must be looked at next, in seconds of event time.
    """

    sales: tuple[SaleRecord, ...] = ()
    cancellations: tuple[CancellationRecord, ...] = ()
    uses: tuple[float, ...] = ()
    due: float = 0.0

    def sale(self, sale_id: str) -> SaleRecord | None:
        """Give the sale with this id, or None."""
        for record in self.sales:
            if record.sale_id == sale_id:
                return record
        return None

    def cancellation(self, sale_id: str) -> CancellationRecord | None:
        """Give the first cancellation of this sale, or None."""
        for record in self.cancellations:
            if record.sale_id == sale_id:
                return record
        return None

    def add_cancellation(self, record: CancellationRecord) -> bool:
        """Merge a cancellation; tell whether it changed what is known."""
        known = self.cancellation(record.sale_id)
        if known is None:
            self.cancellations = (*self.cancellations, record)
            return True
        if (known.at, known.event_id) <= (record.at, record.event_id):
            return False
        self.cancellations = tuple(
            record if other is known else other for other in self.cancellations
        )
        return True

    def add_use(self, at: float, span: float) -> bool:
        """Merge a use at time `at`; tell whether it changed what is known.

        Of three uses within `span` seconds the middle one is forgotten: no window of at least
        `span` seconds, wherever it starts, can hold it without holding one of the other two. So
        `used_within` stays exact while the number of times kept is bounded by the account's life
        divided by the span.
        """
        uses = self.uses
        if not uses:
            self.uses = (at,)
            return True
        place = bisect_left(uses, at)
        if place < len(uses) and uses[place] == at:
            return False
        if 0 < place < len(uses) and uses[place] - uses[place - 1] <= span:
            return False
        merged = [*uses[:place], at, *uses[place:]]
        for middle in (place + 1, place - 1):
            if 0 < middle < len(merged) - 1 and merged[middle + 1] - merged[middle - 1] <= span:
                del merged[middle]
        self.uses = tuple(merged)
        return True

    def used_within(self, start: float, end: float) -> bool:
        """Tell whether the customer used the account at a time from `start` to `end` inclusive."""
        uses = self.uses
        place = bisect_left(uses, start)
        return place < len(uses) and uses[place] <= end
