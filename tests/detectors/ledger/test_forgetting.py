from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent
from detectors.ledger.stage import Ledger
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.worlds import (
    CORRECTIONS,
    END,
    HOUR,
    LONGEST,
    SETTINGS,
    START,
    activity,
    cancellation,
    sale,
    worlds,
)

ACCOUNT = AccountId("a")


@given(worlds())
def test_in_the_end_every_account_is_forgotten(events: list[AnyEvent]) -> None:
    ledger = LedgerRun(events, until=END).ledger
    assert len(ledger) == 0
    assert ledger.accounts() == {}
    assert ledger._deadlines == []  # noqa: SLF001 - a leak has no other face
    assert len(ledger._cohorts) <= len(events)  # noqa: SLF001 - a leak has no other face
    assert len(ledger._days) == 0  # noqa: SLF001 - a leak has no other face


@given(worlds(), st.integers(0, 50 * 24))
def test_what_is_remembered_can_still_matter(events: list[AnyEvent], hours: int) -> None:
    until = START.timestamp() + hours * HOUR
    seen = [event for event in events if event.occurred_at.timestamp() < until]
    ledger = LedgerRun(seen, until=until).ledger
    since = until - (LONGEST + CORRECTIONS) * HOUR
    for account_id in ledger.accounts():
        own = [event for event in seen if event.account_id == account_id]
        assert max(event.occurred_at.timestamp() for event in own) >= since


def test_memory_is_bounded_by_the_windows_that_are_open() -> None:
    ledger = Ledger(SETTINGS)
    sizes = []
    for hour in range(24 * 200):
        ledger.apply(sale(hour, f"account {hour}", f"sale {hour}"))
        if hour % 3 == 0:
            ledger.apply(activity(hour, f"account {hour}"))
        if hour % 5 == 0:
            ledger.apply(cancellation(hour, f"account {hour - 7}", f"sale {hour - 7}"))
        ledger.advance(Seconds(START.timestamp() + (hour - 1) * HOUR))
        ledger.drain()
        sizes.append(len(ledger))
    assert max(sizes) <= LONGEST + CORRECTIONS + 10
    assert len(ledger._deadlines) <= len(ledger)  # noqa: SLF001 - a leak has no other face
    assert len(ledger._cohorts) <= len(ledger) + 48  # noqa: SLF001 - a leak has no other face


def test_an_account_that_never_ends_remembers_only_its_last_sales() -> None:
    ledger = Ledger(SETTINGS)
    for day in range(1_000):
        ledger.apply(sale(day * 24, "a", f"sale {day}"))
        ledger.apply(activity(day * 24 + 1))
        ledger.apply(cancellation(day * 24 + 2, "a", f"sale {day}", "agent"))
        ledger.advance(Seconds(START.timestamp() + (day * 24 + 1) * HOUR))
        ledger.drain()
    account = ledger.account(ACCOUNT)
    assert account is not None
    most = (LONGEST + CORRECTIONS) // 24 + 2
    assert len(account.sales) <= most
    assert len(account.uses) <= most
    assert len(account.cancellations) <= most
    assert len(ledger._deadlines) <= most  # noqa: SLF001 - a leak has no other face
    assert len(ledger._cohorts) <= most  # noqa: SLF001 - a leak has no other face


def test_a_flood_of_cancellations_of_one_sale_is_not_remembered() -> None:
    ledger = Ledger(SETTINGS)
    ledger.apply(sale(0))
    for hour in range(1_000):
        ledger.apply(cancellation(hour / 100, initiated_by="system"))
    account = ledger.account(ACCOUNT)
    assert account is not None
    assert len(account.cancellations) == 1


def test_customers_without_a_sale_are_forgotten_when_no_sale_can_need_them() -> None:
    ledger = Ledger(SETTINGS)
    ledger.apply(activity(0))
    ledger.advance(Seconds(START.timestamp() + (24 + CORRECTIONS) * HOUR))
    ledger.drain()
    assert len(ledger) == 1
    ledger.advance(Seconds(START.timestamp() + (24 + CORRECTIONS) * HOUR + 1))
    ledger.drain()
    assert len(ledger) == 0


def test_a_saved_account_that_was_forgotten_before_the_watermark_is_not_restored() -> None:
    saved = {}
    for hours in (0, 1):
        ledger = Ledger(SETTINGS)
        ledger.apply(sale(hours))
        account = ledger.account(ACCOUNT)
        assert account is not None
        saved[AccountId(f"account {hours}")] = account
    ledger = Ledger(SETTINGS)
    ledger.restore(saved, Seconds(START.timestamp() + (LONGEST + CORRECTIONS) * HOUR + 1))
    assert list(ledger.accounts()) == ["account 1"]
