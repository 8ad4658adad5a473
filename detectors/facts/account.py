"""What is known about one account: a join-semilattice.

Merging a fact is commutative, associative and idempotent, so neither order nor duplicates of events
can matter: no set of seen event ids is kept. Claims about one sale that contradict each other are
the one exception: the first to arrive holds, of those of the greatest version
(`detectors.facts.claims`). Further apart than an account is remembered they are two sales.
"""

from collections.abc import Iterator
from enum import IntEnum
from math import log1p
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.identifiers import AgentId, Cell, SaleId, interned
from detectors.facts.acts import Acts
from detectors.facts.cancelling import (
    MOST_CANCELLATIONS,
    CancellationRecord,
    in_order,
    time_and_id,
)
from detectors.facts.dispute import DisputeRecord
from detectors.facts.named import named, replaced, with_fact, without
from detectors.facts.replacing import MOST_REPLACEMENTS, Replacement, by_time
from detectors.facts.uses import OtherUses, Times, any_within, bounded, with_time


class Verdict(IntEnum):
    """What a pattern says of one sale. A young sale is pending: neither good nor bad."""

    PENDING = 0
    GOOD = 1
    BAD = 2
    EXCLUDED = 3


_VERDICTS: Final = tuple(Verdict)

UNKNOWN_AMOUNT: Final = -1
"""Stands for the logarithm of an amount that nobody could read."""


def log_amount(amount: float) -> int:
    """Return the logarithm of one more than an amount, in thousandths."""
    return round(1000.0 * log1p(amount))


class SaleRecord(Struct, array_like=True, gc=False):
    """A sale as the ledger remembers it.

    ``verdicts`` holds two bits for each enabled pattern, and ``revisions`` counts for each what was
    said of the sale; it is empty as long as nothing was, which is nearly always. Patterns are
    numbered in the order of the names of those that are enabled: others move no bit. ``opened`` is
    when each was certain first. ``batch`` is equal for sales that were alike when they were made
    (`detectors.basis.text_hash`); 0 is like nothing. It is small: of a million open accounts each
    remembers one. ``replaces`` is the sale in whose place this one was made.

    What an alert tells of a bad sale is kept as the claim that holds says it, never put together of
    several: its ``amount``, ``site`` and ``team``, each None where unknown, and ``customer``, a
    hash (`detectors.basis.text_hash`), 0 where nobody knows them. ``numbers`` are those of its
    event that enabled patterns ask for, in the order of their names, None where unknown.
    ``contact`` is by what patterns look across accounts (`detectors.facts.contact`).
    ``contested`` says in which fields other claims contradict this one, a bit for each
    (`detectors.facts.claims`), ``is_undecided`` that it is a sale of nobody for that, and
    ``claimants`` whom they name as its seller. ``version`` is that of the claim; claims of others
    say otherwise in the fields ``corrected``, and ``former`` are all who were named as its seller
    then, if they are several. ``dispute`` is what is told of all that.
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
    amount: float | None = None
    replaces: SaleId | None = None
    customer: int = 0
    site: str | None = None
    team: str | None = None
    numbers: tuple[float | None, ...] = ()
    contact: tuple[int, ...] = ()
    contested: int = 0
    claimants: tuple[AgentId, ...] = ()
    is_undecided: bool = False
    version: int = 1
    corrected: int = 0
    former: tuple[AgentId, ...] = ()
    dispute: DisputeRecord | None = None
    opened: tuple[Seconds, ...] = ()

    @property
    def replacement(self) -> Replacement | None:
        """What it says of another sale, None if that is nothing."""
        if self.replaces is None or self.replaces == self.sale_id:
            return None
        return Replacement(self.replaces, self.sale_id, self.agent_id, self.at)

    @property
    def log_amount(self) -> int:
        """The logarithm of one more than the amount, in thousandths."""
        return UNKNOWN_AMOUNT if self.amount is None else log_amount(self.amount)

    def is_told_as(self, other: "SaleRecord") -> bool:
        """Return whether outcomes of both claims are about one and the same sale.

        What else they say may differ: the one that holds is judged again, as after any late event.
        """
        return self.told_by == other.told_by

    @property
    def told_by(self) -> tuple[Seconds, AgentId | None, Cell, str | None, str | None]:
        """What must be the same in two claims for that; the groups are judged by it, too."""
        return self.at, self.agent_id, self.cell, self.site, self.team

    def share_names(self) -> None:
        """Share the names in a sale that was read back with all others, as a new sale does."""
        self.product, self.cell = interned(self.product), interned(self.cell)
        self.agent_id = None if self.agent_id is None else interned(self.agent_id)
        self.site = None if self.site is None else interned(self.site)
        self.team = None if self.team is None else interned(self.team)

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


class Account(Struct, array_like=True, gc=False):
    """Facts about one account.

    ``sales`` and ``cancellations`` are in the order of the sales they name, those of one sale as
    they came and in the order of time. ``uses`` are times of use by the customer, which nobody
    keyed. Both are kept as far as a verdict may need them (see `add_cancellation`, `add_use`).
    ``other_uses``, of which most accounts have none, are apart: whether they are use depends on who
    sold the account, and that may become known later. ``sold``: it had a sale that is forgotten,
    the last one of ``sold_at`` (seconds). ``replacements`` are what its sales say of others, by
    these. Sales of an oversized one are kept apart until ``apart_until`` (seconds); ``is_apart``:
    it is one of them. ``acts`` are activities that patterns look at one by one, ``merges`` times at
    which it became part of another account, kept as `uses` are.
    """

    sales: tuple[SaleRecord, ...] = ()
    cancellations: tuple[CancellationRecord, ...] = ()
    uses: Times = ()
    other_uses: tuple[OtherUses, ...] = ()
    sold: bool = False
    replacements: tuple[Replacement, ...] = ()
    apart_until: Seconds | None = None
    is_apart: bool = False
    acts: Acts = ()
    merges: Times = ()
    sold_at: Seconds = BEGINNING

    def add_sale(self, sale: SaleRecord) -> None:
        """Add a sale, behind the claims of its id that are there."""
        self.sales = with_fact(self.sales, sale)
        if (one := sale.replacement) is not None:
            self.add_replacement(one)

    def remove_sale(self, sale: SaleRecord) -> None:
        """Remove a sale, this very record, which another claim replaces."""
        self.sales = without(self.sales, sale)
        if (one := sale.replacement) is not None:
            self.remove_replacement(one)

    def add_replacement(self, one: Replacement) -> None:
        """Merge what a sale says of another one; of one sale only the earliest ones matter."""
        same = named(self.replacements, one.sale_id)
        if one not in same:
            ordered = sorted((*same, one), key=by_time)[:MOST_REPLACEMENTS]
            self.replacements = replaced(self.replacements, one.sale_id, ordered)

    def remove_replacement(self, one: Replacement) -> None:
        """Remove what a claim said of another sale."""
        self.replacements = tuple([other for other in self.replacements if other != one])

    def cancellations_of(
        self, sale_id: SaleId, start: Seconds, end: Seconds
    ) -> Iterator[CancellationRecord]:
        """Yield the cancellations of this sale from `start` to `end` inclusive, earliest first."""
        for record in named(self.cancellations, sale_id):
            if start <= record.at <= end:
                yield record

    def cancelled_by_customer(self, sale_id: SaleId, start: Seconds, end: Seconds) -> bool:
        """Return whether the customer, or nobody knows who, cancelled this sale in that time."""
        return any(
            record.initiated_by in ("customer", "unknown")
            for record in self.cancellations_of(sale_id, start, end)
        )

    def add_cancellation(self, record: CancellationRecord, span: float) -> bool:
        """Merge a cancellation; return whether it changed what is known.

        Once the sale is known, one that follows a whole one for the same reason, by the same
        initiator and keyed by the same agent, adds nothing, unless that other lies more than `span`
        seconds before the sale and may be out of a window's reach. Others are kept, for none may
        excuse what another one says. So are partial ones: they may add up.
        """
        if not self.cancellations:
            self.cancellations = (record,)
            return True
        same = named(self.cancellations, record.sale_id)
        if record in same:
            return False
        sold = max((sale.at for sale in named(self.sales, record.sale_id)), default=None)
        for known in same:
            if (
                sold is not None
                and known.speaks_as == record.speaks_as
                and known.refund is None
                and known.at >= sold - span
                and time_and_id(known) < time_and_id(record)
            ):
                return False
        ordered = sorted((*same, record), key=in_order)[:MOST_CANCELLATIONS]
        self.cancellations = replaced(self.cancellations, record.sale_id, ordered)
        return record in ordered

    def add_use(self, at: Seconds, span: float) -> bool:
        """Merge a use at time `at`; return whether it changed what is known.

        Times that no window of at least `span` seconds can tell apart are thinned (`with_time`).
        """
        if not self.uses:  # nearly always: not one call more than it needs
            self.uses = (at,)
            return True
        times = with_time(self.uses, at, span)
        if times is None:
            return False
        self.uses = times
        return True

    def add_other_use(
        self, at: Seconds, span: float, agent_id: AgentId | None, *, is_certain: bool
    ) -> bool:
        """Merge what may be use, as `add_use` does; return whether it changed what is known."""
        kept: list[OtherUses] = []
        known: Times = ()
        for one in self.other_uses:
            if (one.agent_id, one.is_certain) == (agent_id, is_certain):
                known = one.times
            else:
                kept.append(one)
        times = with_time(known, at, span)
        if times is None:
            return False
        kept.append(OtherUses(agent_id, is_certain, times))
        before, self.other_uses = self.other_uses, bounded(kept, span)
        return self.other_uses != before

    def used_with_help(self, sale: SaleRecord, start: Seconds, end: Seconds) -> bool:
        """Return whether the customer used it then, keyed by somebody who did not sell it."""
        return self._any_other(sale, start, end, is_certain=True)

    def perhaps_used(self, sale: SaleRecord, start: Seconds, end: Seconds) -> bool:
        """Return whether there was activity then of which nobody can tell whether it was use."""
        return self._any_other(sale, start, end, is_certain=False)

    def sellers(self, sale: SaleRecord, end: Seconds) -> set[AgentId | None]:
        """Return who made this sale, or a later one of this account until `end`.

        Not who made an earlier one: that may have been forgotten.
        """
        later = [other.agent_id for other in self.sales if sale.at <= other.at <= end]
        return {sale.agent_id, *later}

    def _any_other(
        self, sale: SaleRecord, start: Seconds, end: Seconds, *, is_certain: bool
    ) -> bool:
        if not self.other_uses:
            return False
        sellers = self.sellers(sale, end)
        return any(
            one.is_certain is is_certain
            and (one.agent_id is None or one.agent_id not in sellers)
            and any_within(one.times, start, end)
            for one in self.other_uses
        )
