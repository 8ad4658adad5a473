"""Cancellations that name none of the sales of their account, as where two systems spell ids apart.

Whoever cancels something on an account knows of it, whatever id the record bears.
"""

from detectors.basis.event_time import Seconds
from detectors.facts.account import Account, SaleRecord
from detectors.facts.named import named


def cancelled_unnamed(account: Account, sale: SaleRecord, end: Seconds) -> bool:
    """Return whether a customer, or nobody knows who, cancelled then what is no sale of an account.

    That is from its first sale, which `sale` must be, to the end of that sale's window. A later
    cancellation may be of an earlier sale that was forgotten, as may one on an account that was
    sold before.
    """
    if account.sold or any(other.at < sale.at for other in account.sales):
        return False
    return any(
        record.initiated_by in ("customer", "unknown")
        and sale.at <= record.at <= end
        and not any(one.at <= end for one in named(account.sales, record.sale_id))
        for record in account.cancellations
    )
