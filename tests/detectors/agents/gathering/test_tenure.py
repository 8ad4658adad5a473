"""The seller's tenure as the last field of a cell."""

from collections.abc import Iterable
from random import Random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.gathering.gathering import Gathering, GatheringState
from detectors.agents.gathering.making import gathering_for
from detectors.agents.gathering.tenure import MOST_STARTS, Tenure, TenureState
from detectors.basis.event_time import DAY, Day, Seconds, end_of_day, moment
from detectors.basis.identifiers import AccountId, AgentId, Cell, PatternName, SaleId
from detectors.events.event import Agent
from detectors.facts.account import Verdict
from detectors.facts.staff.started import StartedAgent
from detectors.ledger.stage import Ledger
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


def started(agent: str, since: int, day: int) -> StartedAgent:
    return StartedAgent(AgentId(agent), Day(since), Day(day))


def test_what_master_data_tells_wins_over_the_first_outcome_from_the_next_day_on() -> None:
    gathered = gathering()
    gathered.receive(OutcomeBundle(0, Seconds(0.0), started=[started("anna", 3, -100)]))
    gathered.receive(OutcomeBundle(0, Seconds(0.0), started=[started("anna", 9, 1)]))
    gathered.receive(OutcomeBundle(0, Seconds(0.0), started=[started("anna", 20, 25)]))
    wrong = outcome(8)
    sent = (outcome(2), wrong, outcome(9), outcome(21), outcome(8, "boris"), changed(wrong, 10.5))
    found = cells(gathered, range(22), *sent)
    assert found[2] == ["card/-30d"]
    assert sorted(found[8]) == ["card/-30d", "card/-365d"]
    assert found[9] == ["card/-30d"]
    assert found[10] == ["card/-365d"], "as it was judged"
    assert found[21] == ["card/-30d"], "before they started"


STARTS = st.builds(
    started, st.sampled_from(("anna", "boris")), st.integers(1, 9), st.integers(-400, 9)
)


def order_law(kind: type[Tenure], told: list[StartedAgent], random: Random) -> None:
    """Require the same cells whenever and however often it comes, before its day is popped."""
    found = []
    for shuffled in (False, True):
        state = TenureState()
        tenure = kind(state, KEPT)
        again = [*told, *random.sample(told, len(told))] if shuffled else told
        waiting = random.sample(again, len(again)) if shuffled else again
        bands = []
        for day in map(Day, range(10)):
            # What counts later comes early or not: the ledgers are not equally fast.
            early = 0.5 * shuffled
            now = [one for one in waiting if one.since <= day or random.random() < early]
            waiting = [one for one in waiting if one not in now]
            tenure.learn(now)
            tenure.keep([AgentId("anna")], day)
            bands.append([o.cell for o in tenure.fresh(day, [outcome(day), outcome(day, "boris")])])
        found.append(bands)
    assert found[0] == found[1]


def orders_law(kind: type[Tenure], told: list[StartedAgent], random: Random) -> None:
    """Require it of many orders."""
    for _ in range(50):
        order_law(kind, told, random)


@given(st.lists(STARTS, max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_ledgers_tell_changes_no_cell(
    told: list[StartedAgent], random: Random
) -> None:
    order_law(Tenure, told, random)


class CountsAtOnce(Tenure):
    """Believes what it was told before its day."""

    def learn(self, started: Iterable[StartedAgent]) -> None:
        super().learn(msgspec.structs.replace(one, since=Day(0)) for one in started)


class LastCounts(Tenure):
    """Lets the last of several starts of one day hold."""

    def learn(self, started: Iterable[StartedAgent]) -> None:
        for one in started:
            self._state.started.setdefault(one.agent_id, {})[one.since] = one.started


@pytest.mark.parametrize("broken", [CountsAtOnce, LastCounts])
def test_the_law_catches_a_tenure_that_depends_on_the_order(broken: type[Tenure]) -> None:
    said = [started("anna", 5, -400), started("anna", 5, 0), started("anna", 8, -40)]
    random = Random(1)  # noqa: S311 - the same orders every time
    with pytest.raises(AssertionError):
        orders_law(broken, said, random)


def test_starts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detectors.agents.gathering.tenure.MOST_NEW", 2)
    state = TenureState()
    tenure = Tenure(state, KEPT)
    tenure.learn(started("anna", since, since) for since in range(20, 0, -1))
    assert [*state.started[AgentId("anna")]] == [*range(MOST_STARTS, 0, -1)]
    tenure.learn(started(name, 3, 1) for name in "zyxwv")
    tenure.learn([started("later", 9, 1)])
    tenure.keep([AgentId("z")], Day(3))
    assert sorted(state.started) == ["anna", "later", "v", "z"]


@pytest.mark.parametrize("cell", [("product", "tenure"), ("product",)])
def test_a_ledger_tells_it_where_somebody_asks(cell: tuple[str, ...]) -> None:
    ledger = Ledger(Settings(peers=msgspec.convert({"cell": cell}, PeerSettings)))
    for number, at in enumerate((50.5, 30.0)):  # the second one is late
        event = Agent(
            event_id=f"{number}",
            account_id=AccountId("anna"),
            occurred_at=moment(Seconds(at * DAY)),
            agent_id=AgentId("anna"),
            started_at=moment(Seconds(40 * DAY)),
        )
        assert ledger.apply(event) == ("tenure" in cell)
        ledger.advance(Seconds(52.5 * DAY))
    told = ledger.drain().bundle.started
    expected = [started("anna", 51, 40), started("anna", 53, 40)]
    assert told == (expected if "tenure" in cell else [])


@given(st.lists(st.integers(0, 200), min_size=1, max_size=12), st.integers(0, 200))
def test_a_restart_changes_no_cell(days: list[int], cut: int) -> None:
    sent = [outcome(day, "anna" if day % 2 else "boris") for day in sorted(set(days))]
    told = OutcomeBundle(0, Seconds(0.0), started=[started("anna", 50, -300)])
    whole, first = gathering(), gathering()
    for one in (whole, first):
        one.receive(told)
    once = cells(whole, range(202), *sent)
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
