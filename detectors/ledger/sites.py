"""Which sites have sold something on an account: the feed of any of them may tell of its use."""

from detectors.basis.event_time import Seconds
from detectors.facts.account import Account, SaleRecord
from detectors.messages.findings import OtherSites


def other_sites(account: Account, sale: SaleRecord, since: Seconds, until: Seconds) -> OtherSites:
    """Return which other sites sold on the account of a sale until its window ended at `until`.

    A sale before `since` may be forgotten, so it counts as one of nobody knows which site.
    """
    sites, of_any = set[str](), account.sold
    for other in account.sales:
        if other.at < since:
            of_any = True
        elif other.at <= until and other.site not in (None, sale.site):
            sites.add(str(other.site))
    return OtherSites(tuple(sorted(sites)), of_any)
