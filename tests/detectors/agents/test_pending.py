from detectors.agents.pending import PendingSales
from detectors.event_time import start_of_day


def test_sales_of_the_days_of_the_window_are_counted_over_all_ledgers() -> None:
    pending = PendingSales(5.0)
    for ledger in (0, 1):
        days = dict.fromkeys(range(20), 1 + ledger)
        pending.add({"anna": days, "boris": {10: 5}}, ledger, start_of_day(0))
    assert pending.count("anna", 10, 5.0) == 15
    assert pending.count("anna", 10, 2.0) == 6
    assert pending.count("boris", 14, 5.0) == 10
    assert pending.count("boris", 15, 5.0) == 0
    assert pending.count("chen", 10, 5.0) == 0


def test_a_day_that_was_told_is_not_told_again() -> None:
    pending = PendingSales(5.0)
    pending.add({"anna": {3: 7}}, 0, start_of_day(3))
    pending.add({"anna": {3: 2, 4: 1}}, 0, start_of_day(4))
    assert pending.count("anna", 4, 5.0) == 8


def test_days_that_are_past_are_forgotten() -> None:
    pending = PendingSales(5.0)
    for day in range(200):
        pending.add({"anna": {day: 1}}, 0, start_of_day(day))
        before = pending.count("anna", day, 5.0)
        pending.forget(day)
        assert pending.count("anna", day, 5.0) == before
    assert len(pending.state) <= 6
