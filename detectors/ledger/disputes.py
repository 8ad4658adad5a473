"""Disputes about sales: noted with each claim, and told once time has passed them.

So what is told does not depend on the order in which claims came in time, nor on how often a ledger
is drained.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.facts.account import SaleRecord
from detectors.facts.apart import account_of
from detectors.facts.dispute import MOST_EVENTS, DisputeRecord
from detectors.ledger.merging.deadlines import Deadlines
from detectors.messages.disputes import Dispute


class Disputes:
    """Notes disputes, and collects what is told of them until it is drained.

    `deadlines` is the heap of moments after which `tell` is called for an account.
    """

    def __init__(self, deadlines: Deadlines) -> None:
        self._deadlines: Final = deadlines
        self._told: list[Dispute] = []

    def drain(self) -> list[Dispute]:
        """Return what was told since the last call."""
        told, self._told = self._told, []
        return told

    def note(
        self, account_id: AccountId, sale: SaleRecord, other: SaleRecord, known_at: Seconds
    ) -> None:
        """Note that another claim about a sale says something else, or is of another version."""
        known = sale.dispute or DisputeRecord(known_at)
        events = sorted({*known.events, other.event_id} - {sale.event_id})[:MOST_EVENTS]
        if tuple(events) == known.events and not known.is_due:
            return  # a repeat
        at = max(known.known_at, known_at)
        changed = {"known_at": at, "events": tuple(events), "is_due": True}
        sale.dispute = structs.replace(known, **changed)
        self._deadlines.plan(account_id, [at])

    def plan_again(self, account_id: AccountId, sales: Iterable[SaleRecord]) -> None:
        """Plan what is still to be told of sales that were read back."""
        for sale in sales:
            if sale.dispute is not None and sale.dispute.is_due:
                self._deadlines.plan(account_id, [sale.dispute.known_at])

    def tell(self, account_id: AccountId, sales: Iterable[SaleRecord], watermark: Seconds) -> bool:
        """Tell what is due of some sales of an account; return whether anything was due."""
        was_due = False
        for sale in sales:
            known = sale.dispute
            if known is not None and known.is_due and known.known_at < watermark:
                was_due = True
                sale.dispute = self._tell(account_id, sale, known)
        return was_due

    def _tell(self, account_id: AccountId, sale: SaleRecord, known: DisputeRecord) -> DisputeRecord:
        stands = bool(sale.contested or sale.corrected)
        if not (stands or known.is_open):
            return structs.replace(known, is_due=False)
        opened_at = known.opened_at if known.revision else known.known_at
        named = {one for one in (*sale.claimants, *sale.former) if one != sale.agent_id}
        self._told.append(
            Dispute(
                account_of(account_id),
                sale.sale_id,
                known.revision + 1,
                opened_at,
                known.known_at,
                sale.contested,
                sale.corrected,
                sale.is_undecided,
                sale.agent_id,
                tuple(sorted(named)),
                sale.site,
                sale.team,
                (sale.event_id, *known.events),
                known.is_open,
            )
        )
        return structs.replace(
            known,
            revision=known.revision + 1,
            opened_at=opened_at,
            is_open=stands,
            is_due=False,
        )
