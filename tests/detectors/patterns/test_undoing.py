"""Parts, replacements and keyed uses, each by its rule."""

import pytest
from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.events.event import AnyEvent, CancellationReason, Initiator
from detectors.facts.account import Verdict
from detectors.ledger.stage import Ledger
from detectors.patterns import Patterns
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.settings import Settings
from tests.detectors.worlds import Done, activity, at, cancellation, in_order, sale

SETTINGS = Settings()


def verdicts(events: list[AnyEvent], settings: Settings = SETTINGS) -> dict[str, Verdict]:
    """Return what the patterns say of the sale ``s``; what is excluded in time is not said."""
    ledger = Ledger(settings)
    for event in events:
        ledger.apply(event)
    ledger.advance(seconds_at(at(24 * 100)))
    outcomes = ledger.drain().bundle.outcomes
    said = {one.pattern: one.verdict for one in outcomes if one.sale_id == "s"}
    names = [pattern.name for pattern in settings.patterns.on_sales()]
    return {name: said.get(name, Verdict.EXCLUDED) for name in names}


def quick(*events: AnyEvent, settings: Settings = SETTINGS) -> Verdict:
    found = {
        verdicts(list(order), settings)["quick_cancellation"] for order in (events, events[::-1])
    }
    assert len(found) == 1
    return found.pop()


def unused(*events: AnyEvent) -> Verdict:
    found = {verdicts(list(order))["unused_account"] for order in (events, events[::-1])}
    assert len(found) == 1
    return found.pop()


SOLD = sale(0, agent="anna")


@pytest.mark.parametrize(
    ("refunds", "expected"),
    [
        ([0.03], Verdict.GOOD),
        ([0.49], Verdict.GOOD),
        ([0.5], Verdict.BAD),
        ([1.0], Verdict.BAD),
        ([1e308], Verdict.BAD),
        ([0.0], Verdict.BAD),
        ([None], Verdict.BAD),
        ([0.2, 0.2], Verdict.GOOD),
        ([0.25, 0.25], Verdict.BAD),
        ([0.03] * 17, Verdict.BAD),
        ([0.03, None], Verdict.BAD),
        (["a part"], Verdict.EXCLUDED),
        (["a part", 0.03], Verdict.EXCLUDED),
        (["a part", None], Verdict.BAD),
        (["a part", 0.5], Verdict.BAD),
    ],
)
def test_refunds_undo_a_sale_when_they_add_up(
    refunds: list[float | str | None], expected: Verdict
) -> None:
    parts = [cancellation(1 + hour, refund=refund) for hour, refund in enumerate(refunds)]
    assert quick(SOLD, *parts) is expected
    assert quick(SOLD, *parts, *parts) is expected


def test_one_event_told_at_two_times_is_refunded_once() -> None:
    parts = [cancellation(hour, refund=0.25) for hour in (1, 2)]
    same = [structs.replace(one, event_id="e") for one in parts]
    assert quick(SOLD, *same) is Verdict.GOOD


@pytest.mark.parametrize(
    ("share", "expected"), [(0.0, Verdict.BAD), (0.03, Verdict.BAD), (1.0, Verdict.GOOD)]
)
def test_the_smallest_share_can_be_chosen(share: float, expected: Verdict) -> None:
    pattern = QuickCancellation(smallest_refund_share=share)
    settings = Settings(patterns=Patterns(quick_cancellation=pattern))
    assert quick(SOLD, cancellation(1, refund=0.03), settings=settings) is expected


def test_of_a_sale_without_a_known_amount_no_share_is_known() -> None:
    unknown = structs.replace(SOLD, amount=None)
    assert quick(unknown, cancellation(1, refund=5.0)) is Verdict.EXCLUDED
    assert quick(unknown, cancellation(1)) is Verdict.BAD
    assert quick(unknown) is Verdict.GOOD


@pytest.mark.parametrize(
    ("by", "reason", "new_seller", "expected"),
    [
        ("customer", "replaced", "nobody new", Verdict.EXCLUDED),
        ("customer", "returned", "anna", Verdict.EXCLUDED),
        ("customer", "replaced", "anna", Verdict.EXCLUDED),
        ("unknown", "replaced", "nobody new", Verdict.EXCLUDED),
        ("agent", "replaced", "nobody new", Verdict.BAD),
        ("agent", "replaced", "anna", Verdict.BAD),
        ("system", "replaced", "anna", Verdict.BAD),
        ("system", "returned", "boris", Verdict.EXCLUDED),
        ("agent", "returned", "boris", Verdict.EXCLUDED),
        ("system", "returned", None, Verdict.EXCLUDED),
        ("customer", "returned", "nobody new", Verdict.BAD),
    ],
)
def test_only_the_customers_own_new_sale_excludes_the_old_one(
    by: Initiator, reason: CancellationReason, new_seller: str | None, expected: Verdict
) -> None:
    old = cancellation(2, initiated_by=by, reason=reason)
    if new_seller == "nobody new":
        assert quick(SOLD, old) is expected
    else:
        assert quick(SOLD, old, sale(2, sale_id="new", agent=new_seller, replaces="s")) is expected


@pytest.mark.parametrize("reason", ["deceased", "duplicate", "service_fault", "non_payment"])
@pytest.mark.parametrize("second", [0.5, 2, 30])
def test_a_second_cancellation_clears_nobody(reason: CancellationReason, second: float) -> None:
    """Whether it is dated before the first or after it, and whoever keyed it."""
    real = cancellation(1, reason="never_ordered")
    for keyed_by in (None, "anna", "boris"):
        other = cancellation(second, initiated_by="system", reason=reason, keyed_by=keyed_by)
        assert quick(SOLD, real, other) is Verdict.BAD


@pytest.mark.parametrize(
    ("reason", "keyed_by", "expected"),
    [
        ("service_fault", None, Verdict.EXCLUDED),
        ("service_fault", "boris", Verdict.EXCLUDED),
        ("service_fault", "anna", Verdict.BAD),
        ("replaced", None, Verdict.EXCLUDED),
        ("replaced", "boris", Verdict.EXCLUDED),
        ("replaced", "anna", Verdict.BAD),
        ("returned", "boris", Verdict.BAD),
    ],
)
def test_nobody_excuses_their_own_sale(
    reason: CancellationReason, keyed_by: str | None, expected: Verdict
) -> None:
    assert quick(SOLD, cancellation(1, reason=reason, keyed_by=keyed_by)) is expected


def test_what_nobody_sold_has_no_seller_who_could_key_anything() -> None:
    unsold = sale(0, agent=None)
    assert quick(unsold, cancellation(1, reason="deceased")) is Verdict.EXCLUDED


def test_the_seller_may_key_that_the_customer_took_another_sale() -> None:
    new = sale(2, sale_id="new", agent="anna", replaces="s")
    assert quick(SOLD, cancellation(2, reason="replaced", keyed_by="anna"), new) is Verdict.EXCLUDED


def test_parts_that_are_excused_and_parts_that_are_not_undo_nothing_together() -> None:
    parts = [cancellation(1, refund=0.25), cancellation(2, reason="service_fault", refund=0.25)]
    assert quick(SOLD, *parts) is Verdict.EXCLUDED
    assert quick(SOLD, *parts, cancellation(3, refund=0.25)) is Verdict.BAD


def test_a_sale_cannot_replace_itself_nor_one_after_its_window() -> None:
    assert quick(sale(0, agent="anna", replaces="s"), cancellation(1)) is Verdict.BAD
    late = sale(24 * 10 + 1, sale_id="new", replaces="s")
    assert quick(SOLD, cancellation(1), late) is Verdict.BAD


@pytest.mark.parametrize(
    ("by", "done", "expected"),
    [
        ("customer", Done("login"), Verdict.GOOD),
        ("customer", Done("withdrawal"), Verdict.GOOD),
        ("customer", Done("complaint"), Verdict.BAD),
        ("customer", Done("closed"), Verdict.BAD),
        ("customer", Done("survey"), Verdict.BAD),
        ("customer", Done("verification"), Verdict.BAD),
        ("customer", Done("contact_change"), Verdict.BAD),
        ("customer", Done("other"), Verdict.BAD),
        ("customer", Done("complaint", kind_as_sent="beschwerde"), Verdict.BAD),
        ("customer", Done("other", kind_as_sent="purchase"), Verdict.EXCLUDED),
        ("unknown", Done("login"), Verdict.EXCLUDED),
        ("unknown", Done("complaint"), Verdict.BAD),
        ("agent", Done("login"), Verdict.BAD),
        ("system", Done("payment"), Verdict.BAD),
        ("customer", Done("login", result="seller_device"), Verdict.BAD),
        ("customer", Done("login", result="Seller Device"), Verdict.BAD),
        ("customer", Done("login", result="ok"), Verdict.GOOD),
        ("customer", Done("login", agent="anna"), Verdict.BAD),
        ("customer", Done("login", agent="boris"), Verdict.GOOD),
        ("unknown", Done("login", agent="anna"), Verdict.BAD),
        ("unknown", Done("login", agent="boris"), Verdict.EXCLUDED),
    ],
)
def test_use_is_what_the_customer_did_of_the_listed_kinds(
    by: Initiator, done: Done, expected: Verdict
) -> None:
    assert unused(SOLD, activity(1, initiated_by=by, done=done)) is expected


def test_who_sold_the_account_later_does_not_use_it_for_the_customer_either() -> None:
    resold = sale(5, sale_id="again", agent="boris")
    assert unused(SOLD, resold, activity(1, done=Done("login", agent="boris"))) is Verdict.BAD


def test_a_use_that_is_known_outweighs_what_is_unclear() -> None:
    unclear = activity(1, done=Done("other", kind_as_sent="purchase"))
    assert unused(*in_order([SOLD, unclear, activity(2)])) is Verdict.GOOD
