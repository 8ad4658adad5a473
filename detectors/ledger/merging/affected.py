"""Which verdicts an event can change."""

from collections.abc import Sequence

from detectors.basis.event_time import seconds_at
from detectors.events.event import AccountEvent, Cancellation, Sale
from detectors.facts.account import Account, SaleRecord
from detectors.facts.named import named


def affected(account: Account, event: AccountEvent) -> Sequence[SaleRecord]:
    """Return the sales of an account whose verdicts an event may change, perhaps others too."""
    of_others = account.other_uses or account.cancellations or account.acts
    if isinstance(event, Sale) and not of_others and event.replaces_sale_id is None:
        return named(account.sales, event.sale_id)
    if isinstance(event, Cancellation):
        same, at = named(account.sales, event.sale_id), seconds_at(event.occurred_at)
        if same and all(sale.at <= at for sale in same):
            return same
    # Who sold it decides which of the other uses count, what is replaced is another sale, and what
    # names none of them, or one that was not made yet, is about the account.
    return account.sales
