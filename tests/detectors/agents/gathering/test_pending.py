from detectors.agents.gathering.pending import PendingSales
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, Cell
from detectors.messages.outcomes import SaleMade, SalesDay

ANNA = AgentId("anna")


def sales(**counts: int) -> SalesDay:
    return SalesDay(
        [
            SaleMade(AgentId(agent), Cell(""), n, 0)
            for agent, count in counts.items()
            for n in range(count)
        ]
    )


def test_sales_of_the_days_of_the_window_are_counted() -> None:
    pending = PendingSales(5.0)
    pending.add({Day(day): sales(anna=3, boris=5 if day == 10 else 0) for day in range(20)})
    pending.add({Day(20): sales()})
    assert pending.count(ANNA, Day(10), 5.0) == 15
    assert pending.count(ANNA, Day(10), 2.0) == 6
    assert pending.count(AgentId("boris"), Day(14), 5.0) == 5
    assert pending.count(AgentId("boris"), Day(15), 5.0) == 0
    assert pending.count(AgentId("chen"), Day(10), 5.0) == 0


def test_days_that_are_past_are_forgotten() -> None:
    pending = PendingSales(5.0)
    for day in range(200):
        pending.add({Day(day): sales(anna=1)})
        before = pending.count(ANNA, Day(day), 5.0)
        pending.forget(Day(day))
        assert pending.count(ANNA, Day(day), 5.0) == before
    assert len(pending.state) <= 6
