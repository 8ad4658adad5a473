"""Which verdicts an event can change."""

from collections.abc import Sequence

from detectors.events.event import AnyEvent, Cancellation, Sale
from detectors.facts.account import Account, SaleRecord
from detectors.facts.named import named


def affected(account: Account, event: AnyEvent) -> Sequence[SaleRecord]:
    """Return the sales of an account whose verdicts an event may change, perhaps others too."""
    if isinstance(event, Cancellation):
        return named(account.sales, event.sale_id)
    if isinstance(event, Sale) and not account.other_uses and event.replaces_sale_id is None:
        return named(account.sales, event.sale_id)
    # Who sold it decides which of the other uses count, and what is replaced is another sale.
    return account.sales
