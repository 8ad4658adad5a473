"""How a sale was undone: by one cancellation of all of it, or by parts that add up.

Every cancellation counts. One that is excused, for a reason that is not the seller's doing or for
another sale in the place of this one, says nothing against them; but what others say, before it or
after it, it does not excuse. And nobody excuses themselves: a reason is none in the mouth of the
agent who made the sale.
"""

from collections.abc import Callable, Collection
from math import isinf, log1p

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.events.event import CancellationReason
from detectors.facts.account import Account, SaleRecord
from detectors.facts.cancelling import UNREADABLE_REFUND, CancellationRecord
from detectors.facts.named import named


class Undoing(Struct, frozen=True):
    """What cancellations did to a sale.

    ``by`` undid it, in the order of time, the last of them at that moment: empty if it stands.
    ``is_doubtful``: it stands, but a refund that nobody could read may have undone it.
    """

    by: tuple[CancellationRecord, ...] = ()
    is_doubtful: bool = False


def undoing(
    account: Account,
    sale: SaleRecord,
    start: Seconds,
    end: Seconds,
    smallest_share: float,
    leave_out: Callable[[CancellationRecord], bool] | None = None,
) -> Undoing:
    """Return how the cancellations from `start` to `end` undid a sale, without some of them.

    Refunds add up, each event's once. They undo the sale when they reach `smallest_share` of its
    amount; below that the customer kept what they bought.
    """
    parts: dict[str, CancellationRecord] = {}
    refunded, is_doubtful = 0.0, False
    for record in account.cancellations_of(sale.sale_id, start, end):
        if leave_out is not None and leave_out(record):
            continue
        refund = record.refund
        if refund is None:  # nearly all
            return Undoing((record,))
        if refund == UNREADABLE_REFUND or sale.amount is None:
            is_doubtful = True
        elif record.event_id not in parts:
            parts[record.event_id] = record
            refunded += refund
            if not _is_below(refunded, smallest_share, sale.log_amount):
                return Undoing(tuple(parts.values()))
    return Undoing((), is_doubtful)


def charged(
    account: Account,
    sale: SaleRecord,
    start: Seconds,
    end: Seconds,
    smallest_share: float,
    excluded: Collection[CancellationReason],
    replaced_until: Seconds,
) -> Undoing:
    """Return how a sale was undone by what nothing excuses: that speaks against its seller.

    `excluded` are the reasons that excuse; sales after `replaced_until` replace nothing.
    """

    def is_excused(record: CancellationRecord) -> bool:
        is_reason = record.reason in excluded and not is_keyed_by_seller(sale, record)
        return is_reason or is_replaced(account, sale, record, replaced_until)

    return undoing(account, sale, start, end, smallest_share, is_excused)


def is_keyed_by_seller(sale: SaleRecord, cancellation: CancellationRecord) -> bool:
    """Return whether who made a sale keyed its cancellation."""
    return cancellation.agent_id is not None and cancellation.agent_id == sale.agent_id


def is_replaced(
    account: Account, sale: SaleRecord, cancellation: CancellationRecord, end: Seconds
) -> bool:
    """Return whether a sale was undone for another one that its customer wanted in its place.

    The customer's own word is enough, by its reason (unless the seller wrote it down) or by a new
    sale that names the old one; of a
    cancellation by nobody knows whom nobody can say that it was not theirs. Where the agent or a
    system cancelled it, the new sale must be somebody else's: an agent who cancels what they sold
    and sells it again only starts the clock anew. Sales after `end` do not count.
    """
    is_customers = cancellation.initiated_by in ("customer", "unknown")
    is_said = is_customers and cancellation.reason == "replaced"
    if is_said and not is_keyed_by_seller(sale, cancellation):
        return True
    if not account.replacements:  # nearly always
        return False
    new_sellers = [
        other.agent_id
        for other in named(account.replacements, sale.sale_id)
        if sale.at <= other.at <= end
    ]
    if is_customers:
        return bool(new_sellers)
    return any(seller is None or seller != sale.agent_id for seller in new_sellers)


def _is_below(refunded: float, smallest_share: float, log_amount: int) -> bool:
    """Compare in thousandths of a logarithm, as the amount is remembered: equal ones are equal."""
    if smallest_share == 0.0:
        return False
    whole = refunded / smallest_share
    return not isinf(whole) and round(1_000.0 * log1p(whole)) < log_amount
