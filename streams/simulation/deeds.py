"""What can be done to a sale after it was made, or before it, as the events tell it."""

from typing import Literal, NamedTuple


class Deed(NamedTuple):
    """A cancellation or an activity, or what the seller had to do with the customer.

    ``word`` is the reason of a cancellation or of an interaction, the kind of an activity, the
    purpose of an access, the kind of a contact. ``by_seller``: who sold it keyed it. ``amount`` and
    ``fee`` are shares of the price (of a shift, of the usual hours); the refund of a cancellation
    is all of the price, unless it ``pays_back`` nothing. ``from_elsewhere``: the other account of a
    movement of money is one that the centre does not know. ``contact``: from what to what a change
    of contact was.
    """

    type: Literal["cancellation", "account_activity", "interaction", "access", "agent", "roster"]
    word: str
    initiated_by: str
    by_seller: bool = False
    amount: float | None = None
    fee: float | None = None
    pays_back: bool = True
    result: str | None = None
    from_elsewhere: bool = False
    contact: tuple[str, str] | None = None


def cancelled(reason: str, initiated_by: str, *, by_seller: bool = False) -> Deed:
    """Return the cancellation of all of a sale."""
    return Deed("cancellation", reason, initiated_by, by_seller)


def done(kind: str, initiated_by: str, *, by_seller: bool = False) -> Deed:
    """Return an activity on the account of a sale."""
    return Deed("account_activity", kind, initiated_by, by_seller)


def met(reason: str) -> Deed:
    """Return an interaction of the seller with the customer."""
    return Deed("interaction", reason, "agent", by_seller=True)


def known_as(contact: str) -> Deed:
    """Return that the seller's master data names a contact of their own of such a kind."""
    return Deed("agent", contact, "system")


def on_shift(share: float) -> Deed:
    """Return that the seller is on the roster on that day, for a share of the usual hours."""
    return Deed("roster", "shift", "system", amount=share)


def own_contact(kind: str, seller: int) -> str:
    """Return the contact of such a kind that is a seller's own."""
    return f"{kind[0]}-own-{seller + 1:04d}"


def looked_up(purpose: str) -> Deed:
    """Return an access of the seller to data of the customer."""
    return Deed("access", purpose, "agent", by_seller=True)
