"""The pattern `burst`, from the outcomes of `quick_cancellation`."""

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.gathering.bursts import REMEMBERED, Bursts, BurstsState
from detectors.agents.gathering.gathering import DayBatch, Gathering, GatheringState
from detectors.agents.gathering.order import canonical
from detectors.basis.event_time import DAY, Day, Seconds, end_of_day, start_of_day
from detectors.basis.identifiers import AccountId, AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle
from detectors.messages.stake import Stake
from detectors.patterns import BurstPattern
from tests.detectors.agents.gathering.broken_bursts import (
    AccusesOfGroups,
    CountsABurstAgain,
    CountsCancellationsOfOneBatchApart,
    ForgetsCancellations,
    ForgetsInARestart,
    ForgetsSalesInARestart,
    LeavesOutTheFirst,
    LeavesThemToTheRates,
    LooksAfterTheBatchRule,
    ThinksAllAgentsSmall,
)
from tests.detectors.agents.gathering.burst_definition import SIZE, WINDOW, definition, matured_on
from tests.detectors.refutation import refuted

BURST = PatternName("burst")
DAYS = 8
PATTERN = BurstPattern(f"{WINDOW}d", SIZE)
QUICK = PatternName("quick_cancellation")
Gatherings = Callable[[], Gathering]


def outcome(
    number: int,
    matured: float,
    agent: str | None = "anna",
    batch: int = 0,
    ended: float | None = None,
    events: int = 1,
) -> Outcome:
    """Return an outcome of a sale that matured, and was cancelled, after so many days."""
    return Outcome(
        QUICK,
        SaleId(f"sale {number}"),
        None if agent is None else AgentId(agent),
        Cell("card"),
        Seconds(matured * DAY),
        Seconds(matured * DAY),
        Verdict.GOOD if ended is None else Verdict.BAD,
        () if ended is None else tuple(f"event {number}.{n}" for n in range(events)),
        account_id=AccountId(f"account {number}"),
        batch=batch,
        ended_at=Seconds(0.0 if ended is None else ended * DAY),
        stakes=() if ended is None else (Stake(f"event {number}.0", float(number)),),
    )


def gathering() -> Gathering:
    return Gathering([QUICK], 2, 5, burst=PATTERN)


@st.composite
def histories(draw: st.DrawFn) -> list[Outcome]:
    sent = []
    for number in range(draw(st.integers(2, 14))):
        matured = draw(st.integers(WINDOW, 2 * DAYS - 1)) / 2
        ended = draw(st.sampled_from((1.5, 1.5, 2.0, matured)))
        is_bad = draw(st.sampled_from((True, True, False)))
        agent = draw(st.sampled_from(("anna", "anna", "anna", "boris", None)))
        batch = draw(st.sampled_from((0, 0, 1, 2)))
        sent.append(outcome(number, matured, agent, batch, ended if is_bad else None))
    others = range(draw(st.sampled_from((0, 0, 20, 60))))
    return sent + [outcome(100 + number, WINDOW / 2 + number % 10 / 2) for number in others]


def burst_law(make: Gatherings, data: st.DataObject) -> None:
    sent = data.draw(histories())
    expected = definition(sent)
    gathered = make()
    for day in range(DAYS):
        today = [one for one in sent if matured_on(one) == day]
        for ledger in (0, 1):
            own = [one for one in today if len(one.sale_id) % 2 == ledger]
            for _ in range(data.draw(st.integers(1, 2))):
                gathered.receive(
                    OutcomeBundle(ledger, start_of_day(Day(day)), data.draw(st.permutations(own)))
                )
            gathered.receive(OutcomeBundle(ledger, end_of_day(Day(day))))
        batches = gathered.pop(Day(day))
        trials = batches[BURST].fresh if "burst" in batches else []
        assert {(trial.agent_id, day): (trial.cell, _is_bad(trial)) for trial in trials} == {
            key: value for key, value in expected.days.items() if key[1] == day
        }
        assert all(matured_on(trial) == day for trial in trials)
        rates = batches[QUICK].fresh if QUICK in batches else []
        assert rates == sorted(
            [one for one in today if one.sale_id in expected.trials], key=canonical
        )
        if data.draw(st.booleans()):
            saved = msgspec.msgpack.encode(gathered.state)
            gathered = make()
            gathered.restore(msgspec.msgpack.decode(saved, type=GatheringState))


def _is_bad(trial: Outcome) -> bool:
    return trial.verdict is Verdict.BAD


@given(st.data())
def test_bursts_are_what_they_are_by_definition(data: st.DataObject) -> None:
    burst_law(gathering, data)


@pytest.mark.parametrize(
    "broken",
    [
        LooksAfterTheBatchRule,
        CountsCancellationsOfOneBatchApart,
        ForgetsCancellations,
        ForgetsInARestart,
        ForgetsSalesInARestart,
        ThinksAllAgentsSmall,
        AccusesOfGroups,
        CountsABurstAgain,
        LeavesThemToTheRates,
        LeavesOutTheFirst,
    ],
)
def test_that_law_catches(broken: type[Gathering]) -> None:
    assert refuted(burst_law, lambda: broken([QUICK], 2, 5, burst=PATTERN))


@given(histories())
def test_bursts_only_take_bad_outcomes_away_and_none_where_few_end_together(
    sent: list[Outcome],
) -> None:
    with_bursts, without = gathering(), Gathering([QUICK], 2, 5)
    missing: list[Outcome] = []
    for gathered in (with_bursts, without):
        gathered.receive(OutcomeBundle(0, Seconds(DAYS * DAY), sent))
        gathered.receive(OutcomeBundle(1, Seconds(DAYS * DAY)))
    for day in range(DAYS):
        counted = with_bursts.pop(Day(day)).get(QUICK, DayBatch()).fresh
        trials = without.pop(Day(day)).get(QUICK, DayBatch()).fresh
        assert counted == [one for one in trials if one in counted]
        missing += [one for one in trials if one not in counted]
    assert all(one.verdict is Verdict.BAD for one in missing)
    ended = Counter((one.agent_id, one.ended_at // DAY) for one in sent if _is_bad(one))
    assert all(ended[one.agent_id, one.ended_at // DAY] > SIZE for one in missing)


def trials_of(*days: list[Outcome]) -> list[Outcome]:
    """Return the trials of days one after another, from day 0, of one agent."""
    bursts = Bursts(PATTERN, BurstsState())
    return [trial for day, sent in enumerate(days) for trial in bursts.find(Day(day), sent).trials]


def test_a_trial_is_named_after_its_agent_and_day() -> None:
    [trial] = trials_of([outcome(1, 0.2), outcome(2, 0.7)])
    assert trial == Outcome(
        BURST,
        SaleId("anna@1970-01-01"),
        AgentId("anna"),
        Cell("-/2"),
        Seconds(0.7 * DAY),
        Seconds(0.7 * DAY),
        Verdict.GOOD,
    )


def test_a_burst_points_to_all_cancellations_of_its_day() -> None:
    first, second, third = (outcome(n, n + 0.5, ended=0.1 + n / 10) for n in range(3))
    trials = trials_of([first], [second], [third, outcome(4, 2.6, ended=1.5)])
    assert [trial.verdict for trial in trials] == [Verdict.GOOD, Verdict.GOOD, Verdict.BAD]
    assert trials[-1].event_ids == ("event 0.0", "event 1.0", "event 2.0")


@pytest.mark.parametrize("events", [1, 2, 3, 20])
def test_a_burst_tells_what_is_at_stake_in_the_sales_that_it_points_to(events: int) -> None:
    # Identical sales that end on one day are found in two ways, and are still named once.
    sent = [outcome(n, 0.5, batch=7, ended=0.1, events=events) for n in range(60)]
    [trial] = trials_of(sent)
    named = [n for n in range(60) if f"event {n}.0" in trial.event_ids]
    assert len(trial.event_ids) == REMEMBERED
    assert [one.amount for one in trial.stakes] == [float(n) for n in named]


def test_more_cancellations_of_a_day_are_no_second_burst() -> None:
    trials = trials_of([outcome(n, 0.5, ended=0.1) for n in range(3)], [outcome(4, 1.5, ended=0.1)])
    assert [trial.verdict for trial in trials] == [Verdict.BAD, Verdict.GOOD]


@pytest.mark.parametrize(
    ("size", "undone", "is_burst"),
    [(3, 0, False), (3, 2, False), (3, 3, True), (2, 2, False), (6, 3, True), (7, 3, False)],
)
def test_a_group_is_a_burst_if_at_least_the_size_and_half_of_it_were_undone(
    size: int, undone: int, *, is_burst: bool
) -> None:
    alike = [
        outcome(n, 0.5, batch=7, ended=n / 10 + 0.01 if n < undone else None) for n in range(size)
    ]
    assert [_is_bad(trial) for trial in trials_of(alike)] == [is_burst]


def test_days_with_a_group_are_compared_with_days_with_such_a_group() -> None:
    def cell(size: int) -> str:
        [trial] = trials_of([outcome(n, 0.5, batch=7) for n in range(size)])
        return trial.cell

    cells = {2: "-/1", 3: "1x-2x/1", 6: "2x-4x/1", 11: "2x-4x/1", 12: "4x-/1", 90: "4x-/1"}
    assert {size: cell(size) for size in cells} == cells


def test_a_burst_is_large_for_its_agent() -> None:
    few = [outcome(n, 0.5, ended=0.1) for n in range(3)]
    others = [outcome(n, 0.6) for n in range(3, 16)]
    assert [_is_bad(trial) for trial in trials_of(few + others[:-1])] == [True]
    assert [_is_bad(trial) for trial in trials_of(few + others)] == [False]
    assert [_is_bad(trial) for trial in trials_of(others, [], [], few)] == [False, False]
    assert [_is_bad(trial) for trial in trials_of(others, [], [], [], few)] == [False, True]


def test_what_was_cancelled_beyond_a_burst_is_in_no_rate_however_it_is_corrected() -> None:
    bad = [outcome(n, n / 10, ended=0.1) for n in range(5)]
    gathered = Gathering([QUICK], 1, 5, burst=PATTERN)
    gathered.receive(OutcomeBundle(0, Seconds(DAY), bad))
    assert gathered.pop(Day(0))[QUICK].fresh == bad[:3]
    changed = [
        msgspec.structs.replace(
            one, verdict=Verdict.GOOD, before=Verdict.BAD, known_at=1.5 * DAY, ended_at=0.0
        )
        for one in bad
    ]
    gathered.receive(OutcomeBundle(0, start_of_day(Day(2)), changed))
    corrected = gathered.pop(Day(1))[QUICK].corrections
    assert sorted(one.sale_id for one, _ in corrected) == [one.sale_id for one in bad[:3]]


def test_a_burst_points_to_so_many_events_and_no_more() -> None:
    [trial] = trials_of([outcome(n, 0.5, batch=7, ended=0.1, events=30) for n in range(9)])
    assert len(trial.event_ids) == len(set(trial.event_ids)) == REMEMBERED


@pytest.mark.parametrize(
    ("sales", "cell"),
    [
        (1, "-/1"),
        (2, "-/2"),
        (3, "-/3-5"),
        (5, "-/3-5"),
        (6, "-/6-10"),
        (20, "-/11-20"),
        (21, "-/21-40"),
        (40, "-/21-40"),
        (41, "-/41-"),
    ],
)
def test_days_of_so_many_sales_are_compared_with_such_days(sales: int, cell: str) -> None:
    [trial] = trials_of([outcome(n, 0.5) for n in range(sales)])
    assert trial.cell == cell


def test_what_came_late_is_a_trial_of_the_day_on_which_it_came() -> None:
    bursts = Bursts(PATTERN, BurstsState())
    [trial] = bursts.find(Day(5), [outcome(1, 3.5)]).trials
    assert (trial.matured_at, trial.known_at) == (5 * DAY, 5 * DAY)


def test_corrections_do_not_touch_bursts() -> None:
    bad = [outcome(n, 0.5, ended=0.1) for n in range(3)]
    gathered = Gathering([QUICK], 1, 5, burst=PATTERN)
    gathered.receive(OutcomeBundle(0, Seconds(DAY), bad))
    assert _is_bad(gathered.pop(Day(0))[BURST].fresh[0])
    changed = msgspec.structs.replace(
        bad[0], verdict=Verdict.GOOD, before=Verdict.BAD, known_at=1.5 * DAY
    )
    gathered.receive(OutcomeBundle(0, start_of_day(Day(2)), [changed]))
    assert gathered.pop(Day(1)).keys() == {QUICK}


def test_cancellations_are_forgotten_in_the_end() -> None:
    state = BurstsState()
    bursts = Bursts(PATTERN, state)
    for day in range(300):
        bursts.find(Day(day), [outcome(day, day + 0.5, ended=day + 0.1)])
    assert len(state.ended) <= WINDOW + 1 + 30 + 1
    assert len(state.sales) == WINDOW
