"""The seller's tenure as the last field of a cell."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.gathering.gathering import Gathering, GatheringState
from detectors.agents.gathering.making import gathering_for
from detectors.basis.event_time import DAY, Day, Seconds, end_of_day
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.peer_settings import PeerSettings
from detectors.settings import Settings

KEPT = 5


def outcome(
    day: float, agent: str | None = "anna", cell: str = "card", known: float = 0
) -> Outcome:
    at = day * DAY
    known_at = max(day, known) * DAY
    return Outcome(
        PatternName("p"),
        SaleId(f"sale {day}"),
        None if agent is None else AgentId(agent),
        Cell(cell),
        Seconds(at),
        Seconds(known_at),
        Verdict.GOOD,
    )


def gathering() -> Gathering:
    return Gathering([PatternName("p")], 1, KEPT, tenure=True)


def cells(gathered: Gathering, days: range, *sent: Outcome) -> dict[int, list[Cell]]:
    found = {}
    for day in days:
        today = [one for one in sent if one.known_at // DAY == day]
        gathered.receive(OutcomeBundle(0, end_of_day(Day(day)), today))
        for batch in gathered.pop(Day(day)).values():
            found[day] = [one.cell for one in (*batch.fresh, *(c for c, _ in batch.corrections))]
    return found


def test_a_cell_ends_in_the_time_since_the_agents_first_outcome() -> None:
    days = (10, 39, 40, 99, 100, 374, 375)
    found = cells(gathering(), range(400), *(outcome(day) for day in days))
    assert [found[day][0] for day in days] == [
        "card/-30d",
        "card/-30d",
        "card/-90d",
        "card/-90d",
        "card/-365d",
        "card/-365d",
        "card/365d-",
    ]


def test_each_agent_has_a_tenure_of_their_own_and_nobody_has_none() -> None:
    sent = (outcome(0), outcome(50), outcome(50, "boris"), outcome(50, None), outcome(50, "c", ""))
    assert sorted(cells(gathering(), range(51), *sent)[50]) == [
        "-30d",
        "card/-",
        "card/-30d",
        "card/-90d",
    ]


def changed(before: Outcome, day: float, verdict: Verdict = Verdict.BAD) -> Outcome:
    return msgspec.structs.replace(
        before, known_at=day * DAY, verdict=verdict, before=before.verdict
    )


def test_a_correction_has_the_cell_under_which_its_outcome_was_judged() -> None:
    last = outcome(28)
    found = cells(gathering(), range(40), outcome(0), last, changed(last, 32.5))
    assert found[28] == found[32] == ["card/-30d"]


def test_so_has_a_correction_of_what_had_come_late() -> None:
    late = outcome(28, known=31.2)
    found = cells(gathering(), range(40), outcome(0), late, changed(late, 33.5))
    assert found[31] == found[33] == ["card/-90d"]


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.integers(0, 200))
def test_a_restart_changes_no_cell(days: list[int], cut: int) -> None:
    sent = [outcome(day, "anna" if day % 2 else "boris") for day in sorted(set(days))]
    once = cells(gathering(), range(202), *sent)
    first = gathering()
    before = cells(first, range(cut), *sent)
    again = gathering()
    saved = msgspec.msgpack.encode(first.state)
    again.restore(msgspec.msgpack.decode(saved, type=GatheringState))
    assert before | cells(again, range(cut, 202), *sent) == once


def test_what_came_late_is_forgotten_in_the_end() -> None:
    gathered = gathering()
    cells(gathered, range(200), *(outcome(day, known=day + 1.5) for day in range(190)))
    assert len(gathered.state.tenure.late) <= KEPT + 1


@pytest.mark.parametrize(
    ("fields", "cell"), [(("product", "tenure"), "card/-30d"), (("product",), "card")]
)
def test_cells_have_a_tenure_if_the_settings_say_so(fields: tuple[str, ...], cell: str) -> None:
    peers = msgspec.convert({"cell": fields}, PeerSettings)
    gathered = gathering_for(Settings(peers=peers), 1)
    sent = msgspec.structs.replace(outcome(0.5), pattern="unused_account")
    gathered.receive(OutcomeBundle(0, Seconds(DAY), [sent]))
    assert [one.cell for one in gathered.pop(Day(0))[PatternName("unused_account")].fresh] == [cell]
