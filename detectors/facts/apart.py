"""Names of what is kept of an oversized account: each sale apart, with what names it."""

from typing import Final

from detectors.basis.identifiers import AccountId, SaleId
from detectors.facts.account import Account

_BETWEEN: Final = "\n"
"""No id holds a control character (`detectors.reading.identifiers`)."""


def apart(account_id: AccountId, sale_id: SaleId) -> AccountId:
    """Return under which name a sale of an account is kept apart from all others."""
    return AccountId(f"{account_id}{_BETWEEN}{sale_id}")


def account_of(name: AccountId) -> AccountId:
    """Return the id of the account, as its source calls it, of whatever is kept under a name."""
    return AccountId(name.partition(_BETWEEN)[0]) if _BETWEEN in name else name


def empty(name: AccountId) -> Account:
    """Return an account of which nothing is known yet, or a sale to be kept apart, by its name."""
    is_apart = _BETWEEN in name
    return Account(sold=is_apart, is_apart=is_apart)
