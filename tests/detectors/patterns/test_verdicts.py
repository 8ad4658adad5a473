import pytest

from detectors.basis.errors import InvalidSettings
from detectors.basis.event_time import Day, Seconds, start_of_day
from detectors.basis.identifiers import AccountId, AgentId, Cell, SaleId
from detectors.events.event import CancellationReason, Initiator
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.cancelling import CancellationRecord
from detectors.facts.sales import Sales, Sold
from detectors.patterns import BurstPattern, Patterns, SalePattern
from detectors.patterns.account.burst import Burst
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.account.unused_account import UnusedAccount
from detectors.settings import read_settings

DAY = 86_400.0
SOLD = start_of_day(Day(100))
SALE = SaleRecord(SaleId("s"), "sold", SOLD, AgentId("anna"), "card", Cell("card"))


def account(
    *cancelled: tuple[float, Initiator, CancellationReason], used: tuple[float, ...] = ()
) -> Account:
    """Return an account with cancellations and uses so many days after its sale."""
    known = Account(sales=(SALE,))
    for after, who, why in cancelled:
        record = CancellationRecord(
            SaleId("s"), f"cancelled {after}", Seconds(SOLD + after * DAY), why, who
        )
        known.add_cancellation(record, DAY)
    for after in used:
        known.add_use(Seconds(SOLD + after * DAY), DAY)
    return known


def verdict(pattern: SalePattern, known: Account, days: float) -> Verdict:
    sold = Sold(SALE, AccountId("a"), known)
    return pattern.verdict(Sales([sold], days * DAY, 0.001 * DAY))


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
        ([(1.0, "system", "service_fault"), (2.0, "customer", "returned")], Verdict.BAD),
        ([(1.0, "system", "service_fault"), (11.0, "customer", "returned")], Verdict.EXCLUDED),
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
        ([], (-0.001,), Verdict.GOOD),
        ([], (-0.0011, 30.001), Verdict.EXCLUDED),
        ([], (-1.0, 30.001), Verdict.EXCLUDED),
        ([], (-1.001, 30.001), Verdict.BAD),
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
    assert QuickCancellation().evidence_events(known, SALE, Seconds(end)) == (
        "sold",
        "cancelled 2.0",
    )
    assert QuickCancellation().evidence_events(account(), SALE, Seconds(end)) == ("sold",)
    assert UnusedAccount().evidence_events(known, SALE, Seconds(end)) == ("sold",)


def test_a_burst_shares_the_window_of_what_it_reads_and_says_its_size() -> None:
    quick = QuickCancellation(window="4d")
    pattern = Patterns(quick_cancellation=quick, burst=Burst(size=7)).bursts()
    assert pattern is not None
    assert pattern.window == "4d"
    assert "at least 7 sales, and one in 5 of those of the last 4 days" in pattern.outcome_phrase
    assert Patterns(quick_cancellation=QuickCancellation(enabled=False)).bursts() is None
    assert Patterns(burst=Burst(enabled=False)).bursts() is None


@pytest.mark.parametrize(("sales", "many"), [(0, 7), (35, 7), (36, 8), (40, 8), (5_001, 1_001)])
def test_what_is_a_burst_depends_on_how_much_an_agent_sells(sales: int, many: int) -> None:
    assert BurstPattern("4d", 7).threshold(sales) == many


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"patterns": {"quick_cancellation": {"enabled": False}}}, "reads the outcomes of"),
        ({"patterns": {"burst": {"size": 2}}}, ">= 3"),
        ({"peers": {"cell": ["tenure", "product"]}}, "must be the last field"),
    ],
)
def test_settings_that_do_not_fit_together_are_refused(
    table: dict[str, object], message: str
) -> None:
    with pytest.raises(InvalidSettings, match=message):
        read_settings(table)


def test_a_burst_is_switched_off_with_what_it_reads() -> None:
    off = {"enabled": False}
    settings = read_settings({"patterns": {"quick_cancellation": off, "burst": off}})
    enabled = {pattern.name for pattern in settings.patterns.enabled()}
    by_default = {pattern.name for pattern in Patterns().enabled()}
    assert enabled == by_default - {"quick_cancellation", "burst"}


@pytest.mark.parametrize(
    ("cancelled", "expected"),
    [
        ([], None),
        ([(3.0, "customer", "returned"), (5.0, "agent", "moved")], (3.0, True)),
        ([(3.0, "system", "service_fault"), (5.0, "agent", "moved")], (3.0, False)),
        ([(-3.0, "agent", "returned")], (0.0, True)),
        ([(-11.0, "agent", "returned")], None),
        ([(10.0, "agent", "returned")], (10.0, True)),
        ([(10.5, "agent", "returned")], None),
    ],
)
def test_a_sale_ends_with_its_first_cancellation(
    cancelled: list[tuple[float, Initiator, CancellationReason]],
    expected: tuple[float, bool] | None,
) -> None:
    known, end = account(*cancelled), SOLD + 10 * DAY
    ending = QuickCancellation().ending(known, SALE, Seconds(end))
    after = None if ending is None else ((ending.at - SOLD) / DAY, ending.bad)
    assert after == expected
    assert UnusedAccount().ending(known, SALE, Seconds(end)) is None
