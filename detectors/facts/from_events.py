"""Facts that events tell: what is remembered of them, and whether an activity is use."""

from collections.abc import Collection, Sequence
from enum import IntEnum
from typing import Final

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, Cell, interned
from detectors.basis.text_hash import batch_number, customer_hash
from detectors.basis.words import as_word
from detectors.events.event import AccountActivity, ActivityKind, Cancellation, Sale
from detectors.facts.account import SaleRecord
from detectors.facts.cancelling import UNREADABLE_REFUND, CancellationRecord
from detectors.facts.contact import contact_of
from detectors.facts.questions import SaleNumber

SELLER_DEVICE: Final = "seller_device"
"""The `result` of what was done on the device of who sold the account."""


class Standing(IntEnum):
    """Whether an activity is use of the account by its customer, if its seller did not key it."""

    NO_USE = 0
    UNCLEAR = 1
    USE = 2


def standing(event: AccountActivity, kinds: Collection[ActivityKind]) -> Standing:
    """Return whether an activity is use, where `kinds` are the kinds that are.

    What cannot be told is told apart from what is no use: of an unknown kind, or by an unknown
    initiator, it may have been the customer who used the account.
    """
    if event.initiated_by not in ("customer", "unknown") or on_sellers_device(event):
        return Standing.NO_USE
    if event.kind not in kinds:
        is_unknown = event.kind == "other" and event.kind_as_sent is not None
        return Standing.UNCLEAR if is_unknown else Standing.NO_USE
    return Standing.USE if event.initiated_by == "customer" else Standing.UNCLEAR


def why_no_use(
    event: AccountActivity, kinds: Collection[ActivityKind], sellers: Collection[AgentId | None]
) -> str:
    """Return "yes" for a use of an account that these agents sold, else why it is none."""
    if event.initiated_by not in ("customer", "unknown"):
        return f"no: done by the {event.initiated_by}"
    if on_sellers_device(event):
        return "no: done on the seller's device"
    is_use = standing(event, kinds)
    if is_use is Standing.NO_USE:
        return f"no: {event.kind} is no use"
    if event.agent_id is not None and event.agent_id in sellers:
        return "no: keyed by the seller"
    return "yes" if is_use is Standing.USE else "unclear: it may be use"


def on_sellers_device(event: AccountActivity) -> bool:
    """Return whether an activity is said to have been done on the device of the seller."""
    return event.result is not None and as_word(event.result) == SELLER_DEVICE


def cancellation_record(event: Cancellation, at: Seconds) -> CancellationRecord:
    """Return what is remembered of a cancellation at time `at`.

    A refund of nothing is no part of the price: there was nothing to pay back, as on most sales
    that were never paid for. Such a cancellation is a whole one.
    """
    refund = event.refund or None
    if event.refund_as_sent is not None and event.refund is None:
        refund = UNREADABLE_REFUND
    return CancellationRecord(
        event.sale_id,
        event.event_id,
        at,
        event.reason,
        event.initiated_by,
        refund,
        None if event.agent_id is None else interned(event.agent_id),
        bool(event.fee),
    )


def sale_record(
    event: Sale,
    at: Seconds,
    cell: Cell,
    numbers: Sequence[SaleNumber] = (),
    contacts: Collection[str] = (),
) -> SaleRecord:
    """Return what is remembered of a sale at time `at` in some cell, and these fields of it.

    Without its customer or its amount nobody can say that it is identical with another one.
    """
    product, amount, customer_id = interned(event.product), event.amount, event.customer_id
    site, team = event.site, event.team
    return SaleRecord(
        event.sale_id,
        event.event_id,
        at,
        None if event.agent_id is None else interned(event.agent_id),
        product,
        cell,
        0,
        (),
        0 if amount is None or customer_id is None else batch_number(customer_id, product, amount),
        amount,
        event.replaces_sale_id,
        0 if customer_id is None else customer_hash(customer_id),
        None if site is None else interned(site),
        None if team is None else interned(team),
        tuple([number.of(event) for number in numbers]) if numbers else (),
        contact_of(event, contacts) if contacts else (),
        version=event.version or 1,
    )
