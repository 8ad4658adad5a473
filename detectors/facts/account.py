"""What is known about one account: a join-semilattice.

Merging a fact is commutative, associative and idempotent, so the order of events and their
duplicates cannot matter, by construction rather than by bookkeeping: no set of seen event ids is
kept. Of two claims about the same sale, the earlier one (then the smaller event id) holds; claims
further apart than the ledger remembers an account are two sales, whether or not the first has been
forgotten.
"""

from bisect import bisect_left
from enum import IntEnum
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AgentId, Cell, SaleId
from detectors.events.event import CancellationReason, Initiator


class Verdict(IntEnum):
    """What a pattern says of one sale. A young sale is pending: neither good nor bad."""

    PENDING = 0
    GOOD = 1
    BAD = 2
    EXCLUDED = 3


_VERDICTS: Final = tuple(Verdict)


class SaleRecord(Struct, array_like=True, gc=False):
    """A sale as the ledger remembers it.

    ``verdicts`` holds two bits for each enabled pattern, and ``revisions`` counts for each what was
    said of the sale; it is empty as long as nothing was, which is nearly always. Patterns are
    numbered in the order of the names of those that are enabled, so that others move no bit.
    ``batch`` is equal for sales that were alike when they were made
    (`detectors.basis.text_hash`); 0 is like nothing. It is a small number: of a million open
    accounts each remembers one. ``log_amount`` is the logarithm of one more than its price, in
    thousandths.
    """

    sale_id: SaleId
    event_id: str
    at: Seconds
    agent_id: AgentId | None
    product: str
    cell: Cell
    verdicts: int = 0
    revisions: tuple[int, ...] = ()
    batch: int = 0
    log_amount: int = 0

    def verdict(self, index: int) -> Verdict:
        """Return the verdict of the enabled pattern number `index`."""
        return _VERDICTS[self.verdicts >> 2 * index & 3]

    def is_pending(self, index: int) -> bool:
        """Return whether the enabled pattern number `index` has given no verdict yet."""
        return not self.verdicts >> 2 * index & 3

    def set_verdict(self, index: int, verdict: Verdict) -> None:
        """Remember the verdict of the enabled pattern number `index`."""
        self.verdicts = self.verdicts & ~(3 << 2 * index) | int(verdict) << 2 * index

    def next_revision(self, index: int) -> int:
        """Count one more revision of what the enabled pattern number `index` says; return it."""
        counts = [*self.revisions, *[0] * (index + 1 - len(self.revisions))]
        counts[index] += 1
        self.revisions = tuple(counts)
        return counts[index]


class CancellationRecord(Struct, frozen=True, array_like=True, gc=False):
    """A cancellation of a sale."""

    sale_id: SaleId
    event_id: str
    at: Seconds
    reason: CancellationReason
    initiated_by: Initiator


class Account(Struct, array_like=True, gc=False):
    """Facts about one account.

    ``cancellations`` are in the order of time, ``uses`` are times of customer-initiated activity;
    both are kept as far as a verdict may need them (see `add_cancellation`, `add_use`). ``sold``:
    whether it had a sale that is forgotten.
    """

    sales: tuple[SaleRecord, ...] = ()
    cancellations: tuple[CancellationRecord, ...] = ()
    uses: tuple[Seconds, ...] = ()
    sold: bool = False

    def earlier_claim(
        self, sale_id: SaleId, at: Seconds, event_id: str, span: float
    ) -> SaleRecord | None:
        """Return the record of this sale that a claim made at time `at` repeats, or None."""
        for known in self.sales:
            if (
                known.sale_id == sale_id
                and (known.at, known.event_id) <= (at, event_id)
                and at <= known.at + span
            ):
                return known
        return None

    def later_claim(
        self, sale_id: SaleId, at: Seconds, event_id: str, span: float
    ) -> SaleRecord | None:
        """Return the record of this sale that a claim made at time `at` replaces, or None."""
        for known in self.sales:
            if (
                known.sale_id == sale_id
                and (at, event_id) < (known.at, known.event_id)
                and known.at <= at + span
            ):
                return known
        return None

    def cancellation(self, sale_id: SaleId, since: Seconds) -> CancellationRecord | None:
        """Return the first cancellation of this sale at time `since` or later, or None."""
        for record in self.cancellations:
            if record.sale_id == sale_id and record.at >= since:
                return record
        return None

    def cancelled_by_customer(self, sale_id: SaleId, start: Seconds, end: Seconds) -> bool:
        """Return whether the customer cancelled this sale from `start` to `end` inclusive."""
        return any(
            record.sale_id == sale_id
            and record.initiated_by == "customer"
            and start <= record.at <= end
            for record in self.cancellations
        )

    def add_cancellation(self, record: CancellationRecord, span: float) -> bool:
        """Merge a cancellation; return whether it changed what is known.

        Once the sale is known, one that follows another by the same initiator adds nothing, unless
        that other lies more than `span` seconds before the sale and may be out of a window's reach.
        """
        cancellations = self.cancellations
        if not cancellations:
            self.cancellations = (record,)
            return True
        if record in cancellations:
            return False
        sold = max((s.at for s in self.sales if s.sale_id == record.sale_id), default=None)
        for known in cancellations:
            if (
                sold is not None
                and (known.sale_id, known.initiated_by) == (record.sale_id, record.initiated_by)
                and known.at >= sold - span
                and _time_and_id(known) < _time_and_id(record)
            ):
                return False
        self.cancellations = tuple(sorted((*cancellations, record), key=_time_and_id))
        return True

    def add_use(self, at: Seconds, span: float) -> bool:
        """Merge a use at time `at`; return whether it changed what is known.

        Of three uses within `span` seconds the middle one is forgotten: no window of at least
        `span` seconds, wherever it starts, can hold it without holding one of the other two. So
        `used_within` stays exact while the number of times kept is bounded by the account's life
        divided by the span.
        """
        uses = self.uses
        if not uses:
            self.uses = (at,)
            return True
        if at > uses[-1]:
            if len(uses) > 1 and at - uses[-2] <= span:
                self.uses = (*uses[:-1], at)
            else:
                self.uses = (*uses, at)
            return True
        place = bisect_left(uses, at)
        if uses[place] == at or (place > 0 and uses[place] - uses[place - 1] <= span):
            return False
        merged = [*uses[:place], at, *uses[place:]]
        for middle in (place + 1, place - 1):
            if 0 < middle < len(merged) - 1 and merged[middle + 1] - merged[middle - 1] <= span:
                del merged[middle]
        self.uses = tuple(merged)
        return True

    def used_within(self, start: Seconds, end: Seconds) -> bool:
        """Return whether the customer used the account from `start` to `end` inclusive."""
        uses = self.uses
        place = bisect_left(uses, start)
        return place < len(uses) and uses[place] <= end

    def needed_until(self, span: float, forgiven: float) -> Seconds:
        """Return the time after which no event in time can need a fact; arguments as in `forget`.

        A sale that is dated as much as `forgiven` after the last use may still come.
        """
        last = self.uses[-1] + forgiven if self.uses else BEGINNING
        for sale in self.sales:
            last = max(last, sale.at + span)
        for cancellation in self.cancellations:
            last = max(last, cancellation.at + span)
        return last

    def forget(self, accepted_since: Seconds, span: float, forgiven: float) -> None:
        """Drop what no longer matters if no event before `accepted_since` is accepted any more.

        No window is longer than `span` seconds, or begins more than `forgiven` seconds before its
        sale. A sale goes together with its last cancellation: alone, that would seem to be of none.
        """
        sales, cancellations = self.sales, self.cancellations
        needed = cancellations and [c for c in cancellations if c.at + span >= accepted_since]
        kept = tuple(
            [
                sale
                for sale in sales
                if sale.at + span >= accepted_since
                or (needed and any(_is_near(one, sale, span) for one in needed))
            ]
        )
        # What loses nothing stays the very same, by which the ledger sees that.
        if len(kept) < len(sales):
            self.sales, self.sold = kept, True
        needed_since = min([accepted_since, *[sale.at for sale in kept]]) - forgiven
        self.uses = self.uses[bisect_left(self.uses, needed_since) :]
        if cancellations and len(needed) < len(cancellations):
            remembered = {sale.sale_id for sale in kept}
            still = tuple(
                record
                for record in cancellations
                if record.at + span >= accepted_since or record.sale_id in remembered
            )
            if len(still) < len(cancellations):
                self.cancellations = still


def _is_near(record: CancellationRecord, sale: SaleRecord, span: float) -> bool:
    return record.sale_id == sale.sale_id and abs(record.at - sale.at) <= span


def _time_and_id(record: CancellationRecord) -> tuple[Seconds, str]:
    return (record.at, record.event_id)
