"""Which sites have sold something on an account: the feed of any of them may tell of its use."""

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.facts.account import Account, SaleRecord


class OtherSites(Struct, frozen=True, array_like=True, gc=False):
    """Sites beside that of a sale that sold something on its account.

    ``known`` are in order. ``of_any``: something was sold earlier, nobody knows by which site.
    """

    known: tuple[str, ...] = ()
    of_any: bool = False


def other_sites(
    account: Account, sale: SaleRecord, until: Seconds, remembered_since: float
) -> OtherSites:
    """Return which other sites sold on the account of a sale until its window ended at `until`.

    A sale that was made before all that is remembered may be forgotten by now or not, so it counts
    as one of nobody knows which site.
    """
    sites, of_any = set[str](), account.sold
    for other in account.sales:
        if other.at < remembered_since:
            of_any = True
        elif other.at <= until and other.site not in (None, sale.site):
            sites.add(str(other.site))
    return OtherSites(tuple(sorted(sites)), of_any)
