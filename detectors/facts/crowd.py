"""When an account has more facts than one customer makes, and which of them are no single one's."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from detectors.basis.event_time import Seconds
from detectors.facts.account import Account, SaleRecord
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.replacing import Replacement


class Dated(Protocol):
    """A fact of some time."""

    @property
    def at(self) -> Seconds:
        """Return when it happened, in seconds of event time."""


def crowded_since(facts: Sequence[Dated], most: int, span: float, begin: float) -> Seconds | None:
    """Return the first time, from `begin` on, with more than `most` facts in `span` before it.

    All are seconds; None if there is none. It is a function of the set of times, in any order.
    """
    times = sorted([fact.at for fact in facts])
    for first, last in zip(times, times[most:], strict=False):
        if last >= begin and last - first < span:
            return last
    return None


class Crowd(NamedTuple):
    """What an oversized account does not keep: its sales until a time, and what names them."""

    until: Seconds
    sales: list[SaleRecord]
    cancellations: list[CancellationRecord]
    replacements: list[Replacement]


def taken_from(account: Account, since: float, until: Seconds, span: float) -> Crowd:
    """Take from an account its sales of a time, and all that names none of the others.

    Each of these sales makes that time later: it goes on until none is made for `span` seconds.
    """
    sales = list[SaleRecord]()
    for sale in sorted(account.sales, key=_time):
        if sale.at > until:
            break
        if sale.at < since:
            continue
        sales.append(sale)
        until = max(until, Seconds(sale.at + span))
    kept = [sale for sale in account.sales if not since <= sale.at <= until]
    names = {sale.sale_id for sale in kept}
    crowd = Crowd(
        until,
        sales,
        [one for one in account.cancellations if one.sale_id not in names],
        [one for one in account.replacements if one.sale_id not in names],
    )
    account.sales = tuple(kept)
    account.cancellations = tuple([o for o in account.cancellations if o.sale_id in names])
    account.replacements = tuple([one for one in account.replacements if one.sale_id in names])
    return crowd


def _time(sale: SaleRecord) -> Seconds:
    return sale.at
