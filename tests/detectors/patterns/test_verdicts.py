import pytest

from detectors.account import Account, CancellationRecord, SaleRecord, Verdict
from detectors.events import CancellationReason, Initiator
from detectors.patterns import Pattern, Patterns
from detectors.patterns.quick_cancellation import QuickCancellation
from detectors.patterns.unused_account import UnusedAccount

DAY = 86_400.0
SOLD = 100 * DAY
SALE = SaleRecord("s", "sold", SOLD, "anna", "card", "card")


def account(
    *cancelled: tuple[float, Initiator, CancellationReason], used: tuple[float, ...] = ()
) -> Account:
    """Give an account with cancellations and uses so many days after its sale."""
    known = Account(sales=(SALE,))
    for after, who, why in cancelled:
        record = CancellationRecord("s", f"cancelled {after}", SOLD + after * DAY, why, who)
        known.add_cancellation(record, DAY)
    for after in used:
        known.add_use(SOLD + after * DAY, DAY)
    return known


def verdict(pattern: Pattern, known: Account, days: float) -> Verdict:
    return pattern.verdict(known, SALE, SOLD + days * DAY)


@pytest.mark.parametrize(
    ("cancelled", "expected"),
    [
        ([], Verdict.GOOD),
        ([(0.0, "customer", "returned")], Verdict.BAD),
        ([(10.0, "customer", "returned")], Verdict.BAD),
        ([(10.001, "customer", "returned")], Verdict.GOOD),
        ([(-10.0, "agent", "returned")], Verdict.BAD),
        ([(-10.001, "agent", "returned")], Verdict.GOOD),
        ([(1.0, "system", "service_fault")], Verdict.EXCLUDED),
        ([(1.0, "system", "service_fault"), (2.0, "customer", "returned")], Verdict.EXCLUDED),
        ([(2.0, "system", "service_fault"), (1.0, "customer", "returned")], Verdict.BAD),
        ([(-20.0, "system", "service_fault"), (1.0, "customer", "returned")], Verdict.BAD),
    ],
)
def test_quick_cancellation(
    cancelled: list[tuple[float, Initiator, CancellationReason]], expected: Verdict
) -> None:
    assert verdict(QuickCancellation(), account(*cancelled), 10) is expected


def test_the_reasons_that_are_not_the_agents_doing_can_be_chosen() -> None:
    known = account((1.0, "customer", "moved"))
    assert verdict(QuickCancellation(), known, 10) is Verdict.BAD
    chosen = QuickCancellation(excluded_reasons=("moved",))
    assert verdict(chosen, known, 10) is Verdict.EXCLUDED


@pytest.mark.parametrize(
    ("cancelled", "used", "expected"),
    [
        ([], (), Verdict.BAD),
        ([], (0.0,), Verdict.GOOD),
        ([], (30.0,), Verdict.GOOD),
        ([], (-0.001, 30.001), Verdict.BAD),
        ([(3.0, "customer", "returned")], (), Verdict.EXCLUDED),
        ([(3.0, "agent", "returned")], (), Verdict.BAD),
        ([(3.0, "system", "non_payment")], (), Verdict.BAD),
        ([(3.0, "agent", "other"), (4.0, "customer", "returned")], (), Verdict.EXCLUDED),
        ([(30.001, "customer", "returned")], (), Verdict.BAD),
        ([(3.0, "customer", "returned")], (5.0,), Verdict.GOOD),
    ],
)
def test_unused_account(
    cancelled: list[tuple[float, Initiator, CancellationReason]],
    used: tuple[float, ...],
    expected: Verdict,
) -> None:
    assert verdict(UnusedAccount(), account(*cancelled, used=used), 30) is expected


def test_a_bad_verdict_points_to_its_events() -> None:
    known, end = account((2.0, "customer", "returned")), SOLD + 10 * DAY
    assert QuickCancellation().evidence_events(known, SALE, end) == ("sold", "cancelled 2.0")
    assert QuickCancellation().evidence_events(account(), SALE, end) == ("sold",)
    assert UnusedAccount().evidence_events(known, SALE, end) == ("sold",)


def test_patterns_are_named_as_in_the_settings_and_say_what_they_found() -> None:
    for name, pattern in zip(Patterns.__struct_fields__, Patterns().enabled(), strict=True):
        assert pattern.name == name
        assert pattern.window[:-1] in pattern.outcome_phrase
    assert Patterns(unused_account=UnusedAccount(enabled=False)).enabled() == (QuickCancellation(),)
