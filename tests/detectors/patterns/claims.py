"""Which claim about a sale holds, by definition: from all of them in the order they arrived."""

from collections.abc import Sequence

from detectors.basis.identifiers import AccountId, SaleId
from detectors.events.event import AnyEvent, Sale


def contradict(one: AnyEvent, other: AnyEvent) -> bool:
    """Return whether two events are claims about one sale that contradict each other."""
    return (
        isinstance(one, Sale)
        and isinstance(other, Sale)
        and (one.account_id, one.sale_id) == (other.account_id, other.sale_id)
        and _version(one) == _version(other)
        and _said(one) != _said(other)
    )


def claims_that_hold(arrived: Sequence[AnyEvent]) -> dict[tuple[AccountId, SaleId], Sale]:
    """Return by sale the earliest claim that does not contradict the one that arrived first.

    Of those of the greatest version: only where settings believe versions may there be several.
    """
    hold: dict[tuple[AccountId, SaleId], Sale] = {}
    for event in arrived:
        if isinstance(event, Sale):
            key = (event.account_id, event.sale_id)
            known = hold.setdefault(key, event)
            if _version(event) != _version(known):
                hold[key] = max(known, event, key=_version)
            elif not contradict(known, event):
                hold[key] = min(known, event, key=_time_and_id)
    return hold


def _version(sale: Sale) -> int:
    return sale.version or 1


def _said(sale: Sale) -> tuple[str | None, str, float | None, str | None]:
    return sale.agent_id, sale.product, sale.amount, sale.customer_id


def _time_and_id(event: AnyEvent) -> tuple[float, str]:
    return (event.occurred_at.timestamp(), event.event_id)
