from detectors.agents.gathering.pending import PendingSales
from detectors.messages.outcomes import SaleMade, SalesDay


def sales(**counts: int) -> SalesDay:
    return SalesDay(
        [SaleMade(agent, "", n, 0) for agent, count in counts.items() for n in range(count)]
    )


def test_sales_of_the_days_of_the_window_are_counted() -> None:
    pending = PendingSales(5.0)
    pending.add({day: sales(anna=3, boris=5 if day == 10 else 0) for day in range(20)})
    pending.add({20: sales()})
    assert pending.count("anna", 10, 5.0) == 15
    assert pending.count("anna", 10, 2.0) == 6
    assert pending.count("boris", 14, 5.0) == 5
    assert pending.count("boris", 15, 5.0) == 0
    assert pending.count("chen", 10, 5.0) == 0


def test_days_that_are_past_are_forgotten() -> None:
    pending = PendingSales(5.0)
    for day in range(200):
        pending.add({day: sales(anna=1)})
        before = pending.count("anna", day, 5.0)
        pending.forget(day)
        assert pending.count("anna", day, 5.0) == before
    assert len(pending.state) <= 6
