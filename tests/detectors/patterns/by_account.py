"""Patterns on what becomes of a sale: what each says, by definition, from all events.

`denied_sale` is in all laws (`tests.detectors.patterns.examples`), and with it the activities that
are looked at one by one. The others ask what it and `quick_cancellation` ask (`test_by_account`).
"""

from collections.abc import Callable, Sequence
from math import inf
from typing import Final

from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.facts.account import Verdict
from detectors.patterns import SalePattern
from detectors.patterns.account.contact_put_back import ContactPutBack
from detectors.patterns.account.denied_sale import DeniedSale
from detectors.patterns.account.edited_contact import EditedContact
from detectors.patterns.account.failed_verification import FailedVerification
from detectors.patterns.account.fee_at_exit import FeeAtExit
from detectors.patterns.account.self_cancelled import SelfCancelled
from detectors.patterns.account.simulated_funding import SimulatedFunding
from tests.detectors.patterns.claims import claims_that_hold
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE

DENIED: Final = DeniedSale(enabled=True, window="4d")
EDITED: Final = EditedContact(enabled=True, window="5d")
FAILED: Final = FailedVerification(enabled=True, window="4d")
PUT_BACK: Final = ContactPutBack(enabled=True, window="5d")
FEE: Final = FeeAtExit(enabled=True, window="3d")
FUNDED: Final = SimulatedFunding(enabled=True, window="5d", back_within="2d")
MOVES_AND_USES: Final = ("deposit", "withdrawal", "login", "usage", "payment")
SELF: Final = SelfCancelled(enabled=True, window="3d")


def denied_sale(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    if denied_at(sold, window, events) < inf:
        return Verdict.BAD
    return Verdict.EXCLUDED if _denials(sold, window, events) else Verdict.GOOD


def denied_at(sold: Sale, window: float, events: Sequence[AnyEvent]) -> float:
    cancelled = _cancellations(sold, window, events)
    moments = [_at(one) for one in cancelled if one.reason == "never_ordered"]
    later = [
        one
        for one in claims_that_hold(events).values()
        if 0.0 <= _at(one) - _at(sold) <= window and one.agent_id != sold.agent_id
    ]
    for said in _denials(sold, window, events):
        clear_at = _at(said) + CLOCK_TOLERANCE * 3_600
        if all(_at(one) > clear_at for one in later):
            moments.append(min(clear_at, _at(sold) + window))
    return max(_at(sold), min(moments, default=inf))


def _denials(sold: Sale, window: float, events: Sequence[AnyEvent]) -> list[AccountActivity]:
    return [
        one
        for one in _activities(sold, window, events)
        if one.kind in {"complaint", "survey", "verification"} and one.result == "never_ordered"
    ]


def edited_at(sold: Sale, window: float, events: Sequence[AnyEvent]) -> float:
    keyed = [_at(one) for one in _unasked(sold, window, events)]
    return max(_at(sold), min(keyed, default=inf))


def edited_contact(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    keyed = [
        one
        for one in _activities(sold, window, events)
        if one.kind == "contact_change" and one.agent_id is not None
    ]
    by = {one.initiated_by for one in keyed if one.agent_id == sold.agent_id}
    if by & {"agent", "system"}:
        return Verdict.BAD
    by_nobody = any(
        one.kind == "contact_change" and one.agent_id is None and one.initiated_by == "agent"
        for one in _activities(sold, window, events)
    )
    return Verdict.EXCLUDED if by or by_nobody else Verdict.GOOD


def failed_verification(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    said = [
        one
        for one in _activities(sold, window, events)
        if one.kind == "verification" and one.result in {"confirmed", "refused", "never_ordered"}
    ]
    by_others = [one for one in said if one.agent_id is None or one.agent_id != sold.agent_id]
    if not by_others or _may_mean_another(sold, window, said, events):
        return Verdict.EXCLUDED
    return Verdict.GOOD if {one.result for one in by_others} == {"confirmed"} else Verdict.BAD


def contact_put_back(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    if put_back_at(sold, window, events) < inf:
        return Verdict.BAD
    own = set(_unasked(sold, window, events))
    is_known = all(one.contact_hash and one.former_contact_hash for one in own)
    return Verdict.GOOD if is_known or len(own) < 2 else Verdict.EXCLUDED


def put_back_at(sold: Sale, window: float, events: Sequence[AnyEvent]) -> float:
    own = _unasked(sold, window, events)
    undone = [
        _at(later)
        for one in own
        for later in own
        if _at(one) <= _at(later)
        and None not in {one.contact_hash, one.former_contact_hash}
        and one.contact_hash != one.former_contact_hash
        and (one.contact_hash, one.former_contact_hash)
        == (later.former_contact_hash, later.contact_hash)
    ]
    return max(_at(sold), min(undone, default=inf))


def _unasked(sold: Sale, window: float, events: Sequence[AnyEvent]) -> list[AccountActivity]:
    return [
        one
        for one in _activities(sold, window, events)
        if one.kind == "contact_change"
        and None is not one.agent_id == sold.agent_id
        and one.initiated_by in {"agent", "system"}
    ]


def fee_at_exit(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    if sold.fees_disclosed is None:
        return Verdict.EXCLUDED
    is_charged = any(one.fee for one in _cancellations(sold, window, events))
    return Verdict.BAD if is_charged and not sold.fees_disclosed else Verdict.GOOD


def fee_at(sold: Sale, window: float, events: Sequence[AnyEvent]) -> float:
    if sold.fees_disclosed is not False:
        return inf
    charged = [_at(one) for one in _cancellations(sold, window, events) if one.fee]
    return max(_at(sold), min(charged, default=inf))


def simulated_funding(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    done = [one for one in _activities(sold, window, events) if one.kind in MOVES_AND_USES]
    is_used = any(
        one.kind not in {"deposit", "withdrawal"}
        and one.initiated_by in {"customer", "unknown"}
        and one.agent_id is None
        for one in done
    )
    moves = [one for one in done if one.kind in {"deposit", "withdrawal"}]
    known = [one for one in moves if None not in {one.counterparty_account_id, one.amount}]
    paired = {
        one.event_id
        for came in known
        for went in known
        if (came.kind, went.kind) == ("deposit", "withdrawal")
        and came.counterparty_account_id == went.counterparty_account_id
        and 0.0 <= _at(went) - _at(came) <= 2 * 86_400.0
        and abs(went.amount or 0.0) >= 0.8 * (came.amount or 0.0)
        for one in (came, went)
    }
    if is_used:
        return Verdict.GOOD
    if paired and {one.event_id for one in moves} == paired:
        return Verdict.BAD
    both = {one.kind for one in moves} == {"deposit", "withdrawal"}
    return Verdict.EXCLUDED if both and len(known) < len(moves) else Verdict.GOOD


def self_cancelled(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    cancelled = _cancellations(sold, window, events)
    new = [
        one
        for one in claims_that_hold(events).values()
        if one.replaces_sale_id == sold.sale_id != one.sale_id
        and 0.0 <= _at(one) - _at(sold) <= window
        and (one.agent_id is None or one.agent_id != sold.agent_id)
    ]
    if cancelled and new:
        return Verdict.EXCLUDED
    for one in cancelled:
        if one.initiated_by in {"customer", "unknown"}:
            return Verdict.EXCLUDED
        if one.initiated_by == "agent" and one.agent_id is None:
            return Verdict.EXCLUDED
    own = any(one.agent_id is not None and one.agent_id == sold.agent_id for one in cancelled)
    return Verdict.BAD if own else Verdict.GOOD


def _may_mean_another(
    sold: Sale, window: float, said: Sequence[AccountActivity], events: Sequence[AnyEvent]
) -> bool:
    later = [
        one
        for one in claims_that_hold(events).values()
        if 0.0 <= _at(one) - _at(sold) <= window and one.agent_id != sold.agent_id
    ]
    return any(_at(one) <= _at(act) + CLOCK_TOLERANCE * 3_600 for act in said for one in later)


def _cancellations(sold: Sale, window: float, events: Sequence[AnyEvent]) -> list[Cancellation]:
    return [
        event
        for event in events
        if isinstance(event, Cancellation)
        and event.sale_id == sold.sale_id
        and abs(_at(event) - _at(sold)) <= window
    ]


def _activities(sold: Sale, window: float, events: Sequence[AnyEvent]) -> list[AccountActivity]:
    since, until = _at(sold) - CLOCK_TOLERANCE * 3_600, _at(sold) + window
    return [
        event
        for event in events
        if isinstance(event, AccountActivity) and since <= _at(event) <= until
    ]


def _at(event: AnyEvent) -> float:
    return event.occurred_at.timestamp()


AT_ONCE: Final[dict[str, Callable[..., float]]] = {
    "denied_sale": denied_at,
    "edited_contact": edited_at,
    "contact_put_back": put_back_at,
    "fee_at_exit": fee_at,
}
"""When each of those that tell at once is certain, by definition; infinite if never."""

BY_ACCOUNT: Final[dict[str, tuple[SalePattern, Callable[..., Verdict]]]] = {
    "denied_sale": (DENIED, denied_sale),
    "edited_contact": (EDITED, edited_contact),
    "failed_verification": (FAILED, failed_verification),
    "contact_put_back": (PUT_BACK, contact_put_back),
    "fee_at_exit": (FEE, fee_at_exit),
    "simulated_funding": (FUNDED, simulated_funding),
    "self_cancelled": (SELF, self_cancelled),
}
