"""Patterns that judge a sale at once, by its own event: what each says, by definition.

They ask what `pushed_sale` asks in all laws: numbers of the sale. So of them only this is tried:
that each reads the right ones, kept as columns or as objects (`test_at_sale`).
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from detectors.events.event import Sale
from detectors.facts.account import Verdict
from detectors.patterns import SalePattern
from detectors.patterns.sale.bait_and_switch import BaitAndSwitch
from detectors.patterns.sale.no_consent import NoConsent
from detectors.patterns.sale.no_need import NoNeed
from detectors.patterns.sale.no_recap import NoRecap
from detectors.patterns.sale.own_verification import OwnVerification
from detectors.patterns.sale.pitch_to_unhappy import PitchToUnhappy
from detectors.patterns.sale.sandbagging import Sandbagging
from detectors.patterns.sale.sold_over_refusal import SoldOverRefusal
from detectors.patterns.sale.undisclosed_fee import UndisclosedFee

BAD, GOOD, EXCLUDED = Verdict.BAD, Verdict.GOOD, Verdict.EXCLUDED


class AtSale(NamedTuple):
    """A pattern, and its verdict by definition."""

    pattern: SalePattern
    verdict: Callable[[Sale], Verdict]


def _flag(field: str, *, bad: bool) -> Callable[[Sale], Verdict]:
    def verdict(sold: Sale) -> Verdict:
        value = getattr(sold, field)
        if value is None:
            return EXCLUDED
        return BAD if value is bad else GOOD

    return verdict


def _no_consent(sold: Sale) -> Verdict:
    if sold.channel not in {"phone", "PHONE"}:
        return EXCLUDED
    if sold.interaction_id is not None:
        return GOOD
    if sold.consent_id is None:
        return BAD
    limit = sold.occurred_at + timedelta(hours=1)  # the clock tolerance of these settings
    return BAD if sold.consented_at is not None and sold.consented_at > limit else GOOD


def _own_verification(sold: Sale) -> Verdict:
    if sold.verifier_id is None or sold.agent_id is None:
        return EXCLUDED
    if sold.verifier_id == sold.agent_id:
        return BAD
    if sold.verified_at is not None:
        took = sold.verified_at - sold.occurred_at
        if timedelta(0) < took < timedelta(seconds=10):
            return BAD
    if sold.verifier_team is None or sold.team is None:
        return EXCLUDED
    return BAD if sold.verifier_team == sold.team else GOOD


def _pitch_to_unhappy(sold: Sale) -> Verdict:
    reason, sentiment = sold.interaction_reason, sold.sentiment
    if reason is None and sentiment is None:
        return EXCLUDED
    asked_out = reason in {"complaint", "Complaint"}
    return BAD if asked_out or (sentiment is not None and sentiment < -0.5) else GOOD


def _bait_and_switch(sold: Sale) -> Verdict:
    if sold.amount is None or sold.quoted_amount in {None, 0.0}:
        return EXCLUDED
    assert sold.quoted_amount is not None
    is_other = sold.quoted_product not in {None, sold.product}
    if is_other and not sold.out_of_stock:
        return EXCLUDED
    most = sold.quoted_amount * (1.0 if is_other else 1.25)
    return BAD if sold.amount > most else GOOD


def _sandbagging(sold: Sale) -> Verdict:
    if sold.booked_at is None:
        return EXCLUDED
    made, booked = sold.occurred_at, sold.booked_at
    next_month = datetime(2025, made.month + 1, 1, tzinfo=UTC)
    if next_month - made > timedelta(days=7):
        return EXCLUDED
    return BAD if booked >= next_month and booked - made > timedelta(days=3) else GOOD


AT_SALE: Final[dict[str, AtSale]] = {
    "bait_and_switch": AtSale(BaitAndSwitch(enabled=True), _bait_and_switch),
    "no_consent": AtSale(NoConsent(enabled=True, channels=("phone",)), _no_consent),
    "no_need": AtSale(NoNeed(enabled=True), _flag("need_identified", bad=False)),
    "no_recap": AtSale(NoRecap(enabled=True), _flag("recap_given", bad=False)),
    "own_verification": AtSale(
        OwnVerification(enabled=True, independent_of="team"), _own_verification
    ),
    "pitch_to_unhappy": AtSale(
        PitchToUnhappy(enabled=True, reasons=("complaint",)), _pitch_to_unhappy
    ),
    "sandbagging": AtSale(Sandbagging(enabled=True), _sandbagging),
    "sold_over_refusal": AtSale(SoldOverRefusal(enabled=True), _flag("offer_refused", bad=True)),
    "undisclosed_fee": AtSale(UndisclosedFee(enabled=True), _flag("fees_disclosed", bad=False)),
}

FIELDS: Final[dict[str, tuple[Any, ...]]] = {
    "agent_id": ("anna", "boris", None),
    "product": ("card", "line"),
    "amount": (100.0, 60.0, None),
    "channel": ("phone", "PHONE", "web", None),
    "interaction_id": ("call", None, None),
    "interaction_reason": ("complaint", "Complaint", "order", None, None),
    "sentiment": (-0.75, -0.5, 0.25, None),
    "offer_refused": (True, False, None),
    "need_identified": (True, False, None),
    "recap_given": (True, False, None),
    "fees_disclosed": (True, False, None),
    "consent_id": ("paper", None, None),
    "verifier_id": ("anna", "chen", None),
    "team": ("red", "blue", None),
    "verifier_team": ("red", "blue", None),
    "quoted_product": ("card", "basic", None),
    "quoted_amount": (100.0, 80.0, 75.0, 0.0, None),
    "out_of_stock": (True, False, None),
    "booked_at": (
        datetime(2025, 3, 1, tzinfo=UTC),
        datetime(2025, 3, 31, 23, tzinfo=UTC),
        datetime(2025, 4, 1, tzinfo=UTC),
        datetime(2025, 4, 9, tzinfo=UTC),
        None,
    ),
}
"""What a sale may say in the fields that these patterns read, and in those beside them."""
