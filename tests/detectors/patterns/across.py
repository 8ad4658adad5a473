"""What the patterns that look across accounts say, by definition: from all events at once."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from math import inf
from typing import Final, NamedTuple

from detectors.basis.durations import seconds_of
from detectors.basis.text_hash import word_number
from detectors.events.event import AnyEvent, Cancellation, Sale
from detectors.facts.account import Verdict
from detectors.patterns.key.one_verifier import OneVerifier
from detectors.patterns.key.period_end import PeriodEnd
from detectors.patterns.key.reopened import Reopened
from detectors.patterns.key.shared_address import SharedAddress
from detectors.patterns.key.shared_contact import SharedContact
from detectors.patterns.key.shared_email import SharedEmail
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.patterns.key.shared_phone import SharedPhone
from detectors.patterns.key.slamming import Slamming
from detectors.patterns.key.stacking import Stacking
from detectors.patterns.key.twisting import Twisting
from tests.detectors.patterns.claims import claims_that_hold, contradict
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE, Across, Definition

FIELDS: Final = ("email_hash", "phone_hash", "address_hash", "payer_hash", "interaction_id")

_PAYER: Final = SharedPayer(enabled=True, window="3d", customers=2)
_EMAIL: Final = SharedEmail(enabled=True, window="2d", customers=2)
_PHONE: Final = SharedPhone(enabled=True, window="4d", customers=2)
_ADDRESS: Final = SharedAddress(enabled=True, window="1d", customers=3)
_REOPENED: Final = Reopened(enabled=True, window="1d", within="5d")
_STACKING: Final = Stacking(enabled=True, window="2d", most_products=2)
_TWISTING: Final = Twisting(enabled=True, window="1d", within="5d")
_SLAMMING: Final = Slamming(enabled=True, window="1d", within="5d")

_PERIODS: Final = tuple(date(2025, 3, 1) + timedelta(days=day) for day in (0, 9, 18, 22, 31, 40))
"""One of them is too short for the pattern."""

_PERIOD_END: Final = PeriodEnd(enabled=True, begin_on=_PERIODS, last_days=2, weeks=1)

_ONE_VERIFIER: Final = OneVerifier(enabled=True, within="5d", of_last=3, least=2)

_TOLERANCE: Final = CLOCK_TOLERANCE * 3_600.0


class Claim(NamedTuple):
    """The claim that holds about a sale, and what it and those like it say in each field."""

    sold: Sale
    said: dict[str, str | None]

    @property
    def at(self) -> float:
        return self.sold.occurred_at.timestamp()


def claims_of(events: tuple[AnyEvent, ...]) -> list[Claim]:
    """Return the sales of known customers, by the claims that hold, in the order of time."""
    return [one for one in all_claims_of(events) if one.sold.customer_id is not None]


@lru_cache(maxsize=2)
def all_claims_of(events: tuple[AnyEvent, ...]) -> list[Claim]:
    """Return all sales."""
    sales = [one for one in events if isinstance(one, Sale)]
    claims = []
    for (account_id, sale_id), sold in claims_that_hold(events).items():
        alike = [
            one
            for one in sales
            if (one.account_id, one.sale_id) == (account_id, sale_id)
            and one.occurred_at == sold.occurred_at
            and not contradict(one, sold)
        ]
        said = {
            field: _only({getattr(one, field) for one in alike} - {None}) for field in FIELDS
        } | {"customer_id": sold.customer_id}
        claims.append(Claim(sold, said))
    return sorted(claims, key=lambda one: (one.at, one.sold.account_id, one.sold.sale_id))


def _only(values: set[str | None]) -> str | None:
    return values.pop() if len(values) == 1 else None


def _near(
    sold: Sale, field: str, since: float, until: float, events: Sequence[AnyEvent]
) -> tuple[Claim | None, list[Claim]]:
    """Return the claim about a sale, and all with its value from so long before to after it."""
    claims = claims_of(tuple(events))
    own = next((one for one in claims if one.sold == sold), None)
    if own is None or own.said[field] is None:
        return None, []
    near = [one for one in claims if one.said[field] == own.said[field]]
    return own, [one for one in near if -since <= one.at - own.at <= until]


def _sharing(pattern: SharedContact) -> Definition:
    def verdict(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
        own, near = _near(sold, pattern.asked.field, window, window, events)
        if own is None:
            return Verdict.EXCLUDED
        at_home = [one for one in near if one.said["address_hash"] is not None]
        certain = _households(at_home)
        nowhere = {one.sold.customer_id for one in near} - {one.sold.customer_id for one in at_home}
        if certain >= pattern.customers:
            return Verdict.BAD
        doubtful = certain + len(nowhere) >= pattern.customers
        return Verdict.EXCLUDED if doubtful else Verdict.GOOD

    return verdict


def _households(claims: Sequence[Claim]) -> int:
    """Count the groups of customers whom addresses connect, one by one."""
    left, found = list(claims), 0
    while left:
        found += 1
        near = [left.pop()]
        while near:
            here = near.pop()
            linked = [
                one
                for one in left
                if one.said["address_hash"] == here.said["address_hash"]
                or one.sold.customer_id == here.sold.customer_id
            ]
            left = [one for one in left if one not in linked]
            near += linked
    return found


def _shared_address(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    own, near = _near(sold, "address_hash", window, window, events)
    if own is None:
        return Verdict.EXCLUDED
    customers = {one.sold.customer_id for one in near}
    return Verdict.BAD if len(customers) >= _ADDRESS.customers else Verdict.GOOD


def _reopened(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    within = seconds_of(_REOPENED.within)
    own, near = _near(sold, "customer_id", within, window, events)
    if own is None:
        return Verdict.EXCLUDED
    found = set()
    for one in near:
        old = one.sold
        is_seller = old.agent_id == sold.agent_id or (
            old.team is not None and old.team == sold.team
        )
        if one.at >= own.at or old.product != sold.product:
            continue
        if None in (old.agent_id, sold.agent_id) or not is_seller:
            continue
        until = own.at + min(window, _TOLERANCE)
        told = _cancellations(old, one.at - within, until, events)
        charged = [each for each in told if not _is_excused(old, each)]
        if _is_undone(old, charged)[0] and sold.replaces_sale_id != old.sale_id:
            found.add(Verdict.BAD)
        elif any(_is_undone(old, told)):
            found.add(Verdict.EXCLUDED)
    return min(found, default=Verdict.GOOD)


def _cancellations(
    sold: Sale, since: float, until: float, events: Sequence[AnyEvent]
) -> list[Cancellation]:
    found = [
        one
        for one in events
        if isinstance(one, Cancellation)
        and (one.account_id, one.sale_id) == (sold.account_id, sold.sale_id)
        and since <= one.occurred_at.timestamp() <= until
    ]
    return sorted(found, key=lambda one: (one.occurred_at, one.event_id))


def _is_excused(sold: Sale, one: Cancellation) -> bool:
    if one.agent_id is not None and one.agent_id == sold.agent_id:
        return False
    is_replaced = one.reason == "replaced" and one.initiated_by in ("customer", "unknown")
    return is_replaced or one.reason in _REOPENED.excluded_reasons


def _is_undone(sold: Sale, cancellations: Sequence[Cancellation]) -> tuple[bool, bool]:
    """Return whether a sale was undone, and whether nobody can tell."""
    refunds: dict[str, float] = {}
    is_doubtful = False
    for one in cancellations:
        if not one.refund and one.refund_as_sent is None:
            return True, False
        if one.refund is None:
            is_doubtful = True
            continue
        refunds[one.event_id] = one.refund
        assert sold.amount is not None
        if sum(refunds.values()) >= sold.amount * _REOPENED.smallest_refund_share:
            return True, False
    return False, is_doubtful


def _stacking(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    own, near = _near(sold, "customer_id", window, window, events)
    if own is None:
        return Verdict.EXCLUDED
    mine = [one for one in near if sold.agent_id is not None and one.sold.agent_id == sold.agent_id]
    calls = {one.said["interaction_id"] for one in mine} - {None}
    bundled = 0
    for call in calls:
        products = Counter(one.sold.product for one in mine if one.said["interaction_id"] == call)
        bundled += max(products.values())
    alike = max(Counter(one.sold.product for one in mine).values(), default=0)
    if max(bundled, alike) > _STACKING.most_products:
        return Verdict.BAD
    alone = sum(one.said["interaction_id"] is None for one in mine)
    return Verdict.EXCLUDED if bundled + alone > _STACKING.most_products else Verdict.GOOD


def _twisting(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    own, near = _near(sold, "customer_id", seconds_of(_TWISTING.within), window, events)
    if own is None:
        return Verdict.EXCLUDED
    kinds = {
        id(one): _replacement(one, near, own.at + window, events)
        for one in near
        if one.at <= own.at and sold.agent_id is not None and one.sold.agent_id == sold.agent_id
    }
    kind = next((kinds[id(one)] for one in near if one == own and id(one) in kinds), "none")
    count = Counter(kinds.values())
    if kind == "fault":
        return Verdict.EXCLUDED
    if kind not in ("alike", "unknown"):
        return Verdict.GOOD
    if kind == "alike" and count["alike"] >= _TWISTING.replacements:
        return Verdict.BAD
    is_enough = count["alike"] + count["unknown"] >= _TWISTING.replacements
    return Verdict.EXCLUDED if is_enough else Verdict.GOOD


def _replacement(
    new: Claim, near: Sequence[Claim], until: float, events: Sequence[AnyEvent]
) -> str:
    """Return what kind of replacement a sale is."""
    name = new.sold.replaces_sale_id
    if name is None or name == new.sold.sale_id:
        return "none"
    old = [one for one in near if one.sold.sale_id == name and one.at <= new.at and one != new]
    if not old:
        return "unknown"
    sold = old[-1].sold
    if sold.product != new.sold.product:
        return "other"
    span = seconds_of(_TWISTING.within)
    told = _cancellations(sold, old[-1].at - span, min(until, old[-1].at + span), events)
    reasons = {one.reason for one in told if one.agent_id is None or one.agent_id != sold.agent_id}
    if reasons & {*_TWISTING.excluded_reasons}:
        return "fault"
    return "ended" if _had_ended(told, new.at) else "alike"


def _had_ended(told: Sequence[Cancellation], at: float) -> bool:
    return any(
        one.occurred_at.timestamp() < at - _TOLERANCE
        and not one.refund
        and one.refund_as_sent is None
        and one.reason != "replaced"
        for one in told
    )


def _slamming(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    within = seconds_of(_SLAMMING.within)
    own, near = _near(sold, "customer_id", within, window, events)
    if own is None or sold.agent_id is None:
        return Verdict.EXCLUDED
    earlier = [one for one in near if one.at < own.at]
    moved = [
        one
        for one in earlier
        if one.sold.agent_id not in (None, sold.agent_id)
        and (one.sold.product == sold.product or one.sold.sale_id == sold.replaces_sale_id)
        and not _had_ended(_cancellations(one.sold, one.at - within, own.at, events), own.at)
    ]
    if not moved:
        return Verdict.EXCLUDED
    is_known = any(one.sold.agent_id == sold.agent_id for one in earlier)
    if is_known or own.said["interaction_id"] is not None:
        return Verdict.GOOD
    calls = [one.said["interaction_id"] for one in earlier]
    return Verdict.BAD if any(call is not None for call in calls) else Verdict.EXCLUDED


def _period_end(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    at = sold.occurred_at.timestamp()
    until = _end_of_period(at)
    length = 86_400.0 * _PERIOD_END.last_days
    last, before = ((until - ago - length, until - ago) for ago in (0.0, 604_800.0))
    if until == inf or _end_of_period(until - window) != until:
        return Verdict.EXCLUDED
    own = [
        one.at
        for one in all_claims_of(tuple(events))
        if sold.agent_id is not None and one.sold.agent_id == sold.agent_id
    ]
    if not all(any(since <= one < end for one in own) for since, end in (last, before)):
        return Verdict.EXCLUDED
    if last[0] <= at < last[1]:
        return Verdict.BAD
    return Verdict.GOOD if before[0] <= at < before[1] else Verdict.EXCLUDED


def _one_verifier(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    del window
    at = sold.occurred_at.timestamp()
    if sold.agent_id is None or sold.verifier_id in (None, sold.agent_id):
        return Verdict.EXCLUDED
    verified = [
        one.sold.verifier_id
        for one in all_claims_of(tuple(events))
        if one.sold.agent_id == sold.agent_id
        and one.sold.verifier_id not in (None, sold.agent_id)
        and at - seconds_of(_ONE_VERIFIER.within) <= one.at < at
    ][-_ONE_VERIFIER.of_last :]
    if len(verified) < _ONE_VERIFIER.least:
        return Verdict.EXCLUDED
    most = max(map(verified.count, verified))
    usual = max((one for one in verified if verified.count(one) == most), key=_number_of_name)
    return Verdict.BAD if usual == sold.verifier_id else Verdict.GOOD


def _number_of_name(name: str | None) -> float:
    return word_number(name or "")


def _end_of_period(at: float) -> float:
    begins = (datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() for day in _PERIODS)
    return next((one for one in begins if one > at), inf)


def _end_of_period_or_window(at: float, window: float) -> float:
    return min(_end_of_period(at), at + window)


ACROSS: Final = {
    "shared_payer": Across(_PAYER, _sharing(_PAYER)),
    "shared_email": Across(_EMAIL, _sharing(_EMAIL)),
    "shared_phone": Across(_PHONE, _sharing(_PHONE)),
    "shared_address": Across(_ADDRESS, _shared_address),
    "reopened": Across(_REOPENED, _reopened),
    "stacking": Across(_STACKING, _stacking),
    "twisting": Across(_TWISTING, _twisting),
    "slamming": Across(_SLAMMING, _slamming),
    "one_verifier": Across(_ONE_VERIFIER, _one_verifier),
    "period_end": Across(_PERIOD_END, _period_end, _end_of_period_or_window),
}
"""What the ledger of keys says."""
