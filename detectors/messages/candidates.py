"""Sales that may be asked for, to be verified by somebody else than who sold them."""

from typing import Final

from msgspec import Struct

from detectors.basis.draw import Draw
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, SaleId
from detectors.facts.account import SaleRecord
from detectors.facts.apart import account_of


class Candidate(Struct, frozen=True, array_like=True, gc=False):
    """What a request says of a sale, beside its seller. ``at`` is when it was made."""

    sale_id: SaleId
    account_id: AccountId
    at: Seconds
    product: str
    site: str | None
    team: str | None


class Lots:
    """Draws the sales that may be asked for.

    Parameters
    ----------
    draw
        Draws a number for each sale.
    most
        The largest probability with which any sale is asked for: its number must be below.
    """

    def __init__(self, draw: Draw, most: float) -> None:
        self._draw: Final = draw
        self._most: Final = most

    def number(self, sale_id: SaleId, account_id: AccountId) -> float:
        """Return the number of a sale: it is asked for with every probability above."""
        return self._draw.number(sale_id, account_of(account_id))

    def may_draw(self, sale_id: SaleId, account_id: AccountId) -> bool:
        """Return whether a sale may be asked for."""
        return self.number(sale_id, account_id) < self._most

    def candidate(self, sale: SaleRecord, account_id: AccountId) -> Candidate | None:
        """Return a sale that may be asked for, None for any other."""
        if not self.may_draw(sale.sale_id, account_id):
            return None
        account_id = account_of(account_id)
        return Candidate(sale.sale_id, account_id, sale.at, sale.product, sale.site, sale.team)
