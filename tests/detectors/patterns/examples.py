"""One example for every pattern: how the laws run it, and what it says by definition.

A pattern on sales has an `Example` here, or is `Across` accounts; one that is derived from the
outcomes of another has its settings. The laws of `tests.detectors` then run over it
(`tests.detectors.worlds.SETTINGS`).
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct

from detectors.events.event import AccountActivity, AnyEvent, Cancellation, Sale
from detectors.facts.account import Verdict
from detectors.patterns import Patterns, SalePattern
from detectors.patterns.account.burst import Burst
from detectors.patterns.account.clawback_cliff import ClawbackCliff
from detectors.patterns.account.excluded_share import ExcludedShare
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.patterns.sale.pushed_sale import PushedSale
from tests.detectors.patterns.across import ACROSS
from tests.detectors.patterns.by_account import DENIED, denied_sale
from tests.detectors.patterns.cancelled_by_others import CancelledByOthers
from tests.detectors.patterns.claims import claims_that_hold
from tests.detectors.patterns.definitions import CLOCK_TOLERANCE, Across, Definition


class Ended(NamedTuple):
    """A sale ended at a time (seconds), badly or not."""

    at: float
    bad: bool


class Example(NamedTuple):
    """A pattern with a short window, and its verdict and its endings by definition."""

    pattern: SalePattern
    verdict: Definition
    ending: Callable[[Sale, float, Sequence[AnyEvent]], Ended | None] | None = None


class MorePatterns(Patterns, frozen=True, kw_only=True):
    """A registry with one more line: what a next pattern must find true of everything."""

    cancelled_by_others: CancelledByOthers = CancelledByOthers()


_QUICK: Final = QuickCancellation(window="2d")
_PUSHED: Final = PushedSale(enabled=True)


def _quick_cancellation(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    cancellations = _cancellations(sold, window, events)
    undone, is_doubtful = _undone(sold, cancellations)
    if undone is None:
        return Verdict.EXCLUDED if is_doubtful else Verdict.GOOD
    charged = _charged(sold, cancellations, events, _at(sold) + window)
    return Verdict.EXCLUDED if charged is None else Verdict.BAD


def _quick_end(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Ended | None:
    cancellations = _cancellations(sold, window, events)
    undone, _ = _undone(sold, cancellations)
    if undone is None:
        return None
    at = max(undone.occurred_at, sold.occurred_at).timestamp()
    until_midnight = [one for one in cancellations if _at(one) // 86_400 <= at // 86_400]
    return Ended(at, _charged(sold, until_midnight, events, at) is not None)


def _undone(sold: Sale, cancellations: Sequence[Cancellation]) -> tuple[Cancellation | None, bool]:
    """Return which cancellation undid a sale, and whether that cannot be told."""
    refunds = {}
    is_doubtful = False
    for one in sorted(cancellations, key=_time_and_id):
        if not one.refund and one.refund_as_sent is None:
            return one, False
        if one.refund is None:
            is_doubtful = True
            continue
        refunds[one.event_id] = one.refund
        assert sold.amount is not None
        if sum(refunds.values()) >= sold.amount * _QUICK.smallest_refund_share:
            return one, False
    return None, is_doubtful


def _charged(
    sold: Sale, cancellations: Sequence[Cancellation], events: Sequence[AnyEvent], until: float
) -> Cancellation | None:
    """Return which cancellation undid a sale, of those that nothing excuses."""
    against = [one for one in cancellations if not _is_excused(sold, one, events, until)]
    return _undone(sold, against)[0]


def _is_excused(
    sold: Sale, cancelled: Cancellation, events: Sequence[AnyEvent], until: float
) -> bool:
    is_own = cancelled.agent_id is not None and cancelled.agent_id == sold.agent_id
    if cancelled.reason in _QUICK.excluded_reasons and not is_own:
        return True
    return _is_replaced(sold, cancelled, events, until)


def _is_replaced(
    sold: Sale, cancelled: Cancellation, events: Sequence[AnyEvent], until: float
) -> bool:
    is_own = cancelled.agent_id is not None and cancelled.agent_id == sold.agent_id
    new = [one for one in _sales(sold, events, until) if one.replaces_sale_id == sold.sale_id]
    new = [one for one in new if one.sale_id != sold.sale_id]
    if cancelled.initiated_by in ("customer", "unknown"):
        return (cancelled.reason == "replaced" and not is_own) or bool(new)
    return any(one.agent_id != sold.agent_id or one.agent_id is None for one in new)


def _sales(sold: Sale, events: Sequence[AnyEvent], until: float) -> list[Sale]:
    """Return the sales of the account from that of one on, by the claims that hold."""
    return [
        one
        for one in claims_that_hold(events).values()
        if sold.occurred_at <= one.occurred_at and _at(one) <= until
    ]


def _unused_account(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    since, until = _at(sold) - CLOCK_TOLERANCE * 3_600, _at(sold) + window
    doubted = min(since, _at(sold) - min(86_400, window))
    sellers = {one.agent_id for one in _sales(sold, events, until)} | {sold.agent_id}
    done = [
        event
        for event in events
        if isinstance(event, AccountActivity)
        and event.initiated_by in ("customer", "unknown")
        and doubted <= _at(event) <= until
        and (event.agent_id is None or event.agent_id not in sellers)
        and event.result != "seller_device"
    ]
    uses = [event for event in done if event.kind in ("login", "usage")]
    if any(event.initiated_by == "customer" and _at(event) >= since for event in uses):
        return Verdict.GOOD
    cancelled = _cancellations(sold, window, events)
    if any(one.initiated_by in ("customer", "unknown") for one in cancelled):
        return Verdict.EXCLUDED
    if _cancelled_unnamed(sold, events, until):
        return Verdict.EXCLUDED
    if uses or any(event.kind_as_sent is not None for event in done):
        return Verdict.EXCLUDED
    return Verdict.BAD


def _cancelled_unnamed(sold: Sale, events: Sequence[AnyEvent], until: float) -> bool:
    """Return whether a customer cancelled then what is no sale of the account, and it is new."""
    sales = list(claims_that_hold(events).values())
    if any(one.occurred_at < sold.occurred_at for one in sales):
        return False
    named = {one.sale_id for one in sales if _at(one) <= until}
    return any(
        isinstance(event, Cancellation)
        and event.initiated_by in ("customer", "unknown")
        and _at(sold) <= _at(event) <= until
        and event.sale_id not in named
        for event in events
    )


def _cancelled_by_others(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    initiators = {one.initiated_by for one in _cancellations(sold, window, events)}
    if initiators == {"customer"}:
        return Verdict.EXCLUDED
    return Verdict.BAD if initiators else Verdict.GOOD


def _others_end(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Ended | None:
    others = [o for o in _cancellations(sold, window, events) if o.initiated_by != "customer"]
    first = min(others, key=_time_and_id, default=None)
    if first is None:
        return None
    return Ended(max(first.occurred_at, sold.occurred_at).timestamp(), bad=True)


def _cancellations(sold: Sale, window: float, events: Sequence[AnyEvent]) -> list[Cancellation]:
    at = sold.occurred_at.timestamp()
    return [
        event
        for event in events
        if isinstance(event, Cancellation)
        and event.sale_id == sold.sale_id
        and abs(event.occurred_at.timestamp() - at) <= window
    ]


def _at(event: AnyEvent) -> float:
    return event.occurred_at.timestamp()


def _time_and_id(event: AnyEvent) -> tuple[float, str]:
    return (event.occurred_at.timestamp(), event.event_id)


def _pushed_sale(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    del window, events
    if sold.closing_attempts is None:
        return Verdict.EXCLUDED
    return Verdict.BAD if sold.closing_attempts > _PUSHED.most_attempts else Verdict.GOOD


def _clawback_cliff(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    cancellations = _cancellations(sold, window, events)
    undone, is_doubtful = _undone(sold, cancellations)
    if undone is None:
        return Verdict.EXCLUDED if is_doubtful else Verdict.GOOD
    charged = _charged(sold, cancellations, events, _at(sold) + window)
    if charged is None or _at(charged) <= _at(sold) + 86_400.0:
        return Verdict.EXCLUDED
    return Verdict.BAD


def _excluded_share(sold: Sale, window: float, events: Sequence[AnyEvent]) -> Verdict:
    cancellations, until = _cancellations(sold, window, events), _at(sold) + window
    undone, is_doubtful = _undone(sold, cancellations)
    if undone is None:
        return Verdict.EXCLUDED if is_doubtful else Verdict.GOOD
    replaced = [one for one in cancellations if _is_replaced(sold, one, events, until)]
    rest = [one for one in cancellations if one not in replaced]
    if _undone(sold, rest)[0] is None:
        return Verdict.EXCLUDED
    return Verdict.BAD if _charged(sold, rest, events, until) is None else Verdict.GOOD


EXAMPLES: Final[dict[str, Example | Across | Struct]] = {
    "quick_cancellation": Example(_QUICK, _quick_cancellation, _quick_end),
    "unused_account": Example(UnusedAccount(window="5d"), _unused_account),
    "burst": Burst(),
    "pushed_sale": Example(_PUSHED, _pushed_sale),
    "clawback_cliff": Example(
        ClawbackCliff(enabled=True, clawback="1d", window="4d"), _clawback_cliff
    ),
    "excluded_share": Example(ExcludedShare(enabled=True, window="2d"), _excluded_share),
    "denied_sale": Example(DENIED, denied_sale),
    **ACROSS,
    "cancelled_by_others": Example(CancelledByOthers(), _cancelled_by_others, _others_end),
}

ON_SALES: Final = {n: one for n, one in EXAMPLES.items() if isinstance(one, Example)}
"""What the ledger of accounts says."""


def registry_of_examples() -> Patterns:
    """Return a registry in which every pattern is as its example has it."""
    settings: dict[str, Any] = {
        name: example.pattern if isinstance(example, Example | Across) else example
        for name, example in EXAMPLES.items()
    }
    return MorePatterns(**settings)
