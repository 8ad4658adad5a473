"""Which facts of an account still matter, by how late an event may come and still be accepted.

No window is longer than `span` seconds, or begins more than `doubted` seconds before its sale.
"""

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.facts.account import Account, SaleRecord
from detectors.facts.acts import acts_since
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.named import dropped, named
from detectors.facts.uses import OtherUses, times_since


def needed_until(account: Account, span: float, doubted: float) -> Seconds:
    """Return the time after which no event in time can need a fact of an account.

    A sale that is dated as much as `doubted` after the last use may still come.
    """
    last = account.uses[-1] + doubted if account.uses else BEGINNING
    for sale in account.sales:
        last = max(last, sale.at + span)
    for one in account.replacements:
        last = max(last, one.at + span)
    if account.acts:
        last = max(last, account.acts[-1].at + doubted)
    if account.apart_until is not None:
        last = max(last, account.apart_until)
    if account.merges:
        last = max(last, account.merges[-1] + span)
    if account.other_uses or account.cancellations:
        last = max(
            last,
            *[one.times[-1] + doubted for one in account.other_uses],
            *[cancellation.at + span for cancellation in account.cancellations],
        )
    return last


def forget(account: Account, accepted_since: Seconds, span: float, doubted: float) -> None:
    """Drop what no longer matters if no event before `accepted_since` is accepted any more.

    A sale goes together with its last cancellation: alone, that would seem to be of none.
    """
    sales, cancellations = account.sales, account.cancellations
    needed = cancellations and [c for c in cancellations if c.at + span >= accepted_since]
    kept = tuple(
        [
            sale
            for sale in sales
            if sale.at + span >= accepted_since
            or (needed and any(_is_near(one, sale, span) for one in named(needed, sale.sale_id)))
        ]
    )
    # What loses nothing stays the very same, by which the ledger sees that.
    if len(kept) < len(sales):
        gone = [sale.at for sale in dropped(sales, kept)]
        account.sales, account.sold = kept, True
        account.sold_at = max(account.sold_at, *gone)
        account.replacements = tuple(
            [one for one in account.replacements if one.at + span >= accepted_since]
        )
    needed_since = Seconds(min([accepted_since, *[sale.at for sale in kept]]) - doubted)
    account.uses = times_since(account.uses, needed_since)
    if account.acts:
        account.acts = acts_since(account.acts, needed_since)
    if account.other_uses:
        account.other_uses = tuple(
            OtherUses(one.agent_id, one.is_certain, times)
            for one in account.other_uses
            if (times := times_since(one.times, needed_since))
        )
    if account.merges:
        first = min([accepted_since, *[sale.at for sale in kept]])
        account.merges = times_since(account.merges, Seconds(first - span))
    if cancellations and len(needed) < len(cancellations):
        remembered = {sale.sale_id for sale in kept}
        still = tuple(
            record
            for record in cancellations
            if record.at + span >= accepted_since or record.sale_id in remembered
        )
        if len(still) < len(cancellations):
            account.cancellations = still


def _is_near(record: CancellationRecord, sale: SaleRecord, span: float) -> bool:
    return abs(record.at - sale.at) <= span


def has_one_since(account: Account, since: float) -> bool:
    """Return whether a fact of an account shows that it is of a time or later (seconds).

    One fact is asked and not all: nearly always it tells.
    """
    sales, cancellations = account.sales, account.cancellations
    some = bool(sales) and sales[-1].at >= since
    return some or (bool(cancellations) and cancellations[-1].at >= since)
