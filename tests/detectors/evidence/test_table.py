"""A table of agents: cuts, growth, restarts, copies, limits, refusals."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from detectors.evidence import row_store
from detectors.evidence.arrays import Reals
from detectors.evidence.explanation import Counts, EvidenceExplanation
from detectors.evidence.held_rows import LARGEST_EVIDENCE
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from tests.detectors.evidence.definition import Outcome
from tests.detectors.evidence.histories import (
    ROWS,
    feed,
    histories,
    of_row,
    random_history,
    table_for,
)


def states(table: EvidenceTable) -> list[bytes]:
    return [table.row_state(row) for row in range(len(table))]


@settings(deadline=None)
@given(histories(largest=60), st.lists(st.integers(0, 60), max_size=8))
def test_cuts_into_calls_change_no_bit(history: list[Outcome], cuts: list[int]) -> None:
    whole, pieces = table_for(), table_for()
    at_once = feed(whole, history)
    edges = [0, *sorted(cuts), len(history)]
    in_pieces = [feed(pieces, history[start:stop]) for start, stop in pairwise(edges)]
    assert np.concatenate(in_pieces)[: len(history)].tobytes() == at_once.tobytes()
    assert states(pieces) == states(whole)


@settings(deadline=None)
@given(histories(largest=60))
def test_other_agents_change_no_bit(history: list[Outcome]) -> None:
    together, alone = table_for(), table_for()
    feed(together, history)
    for row in range(ROWS):
        feed(alone, of_row(history, row))
    assert states(alone) == states(together)


def test_a_full_table_grows_and_keeps_its_rows() -> None:
    small, large = table_for(rows=1, capacity=1), table_for(rows=1, capacity=64)
    for seed in range(9):
        history = random_history(seed, 50, rows=len(small), lift=2.0)
        assert feed(small, history).tobytes() == feed(large, history).tobytes()
        assert small.add() == large.add() == seed + 1
    assert len(small) == 10
    assert states(small) == states(large)


def test_a_new_row_speaks_against_nobody() -> None:
    table = table_for(rows=1)
    assert table.explanation(0) == EvidenceExplanation(evidence=0.0, agent_days=0, start=None)
    assert table.totals(0) == Counts(0, 0, 0.0)
    assert table.belief(0).tobytes() == Prior(0.25).weights().tobytes()


def test_a_day_counts_once_and_totals_add_up() -> None:
    table = table_for(rows=1)
    feed(table, [Outcome(0, day, 0.25, bad=day == 4) for day in (3, 3, 4, 4, 4, 9)])
    assert table.agent_days().tolist() == [3]
    assert table.totals(0) == Counts(outcomes=6, observed=3, expected=1.5)


def test_a_change_is_explained_by_its_start() -> None:
    table = table_for(rows=1)
    honest = [Outcome(0, day, 0.05, bad=day % 20 == 7) for day in range(200)]
    dishonest = [Outcome(0, day, 0.05, bad=day % 3 == 0) for day in range(200, 260)]
    feed(table, honest + dishonest)
    explanation = table.explanation(0)
    assert explanation.evidence > 36_500
    assert explanation.start is not None
    assert 198 <= explanation.start.day <= 204
    assert explanation.start.since.outcomes == 260 - explanation.start.day
    assert explanation.start.since.observed == 20 - (explanation.start.day > 201)
    assert explanation.start.odds_ratio in {8.0, 14.0}


def test_a_restart_forgets_the_evidence_and_keeps_what_was_learnt() -> None:
    table = table_for(rows=1)
    feed(table, random_history(1, 100, rows=1, lift=3.0))
    belief, totals = table.belief(0), table.totals(0)
    table.restart(0)
    assert table.explanation(0) == EvidenceExplanation(evidence=0.0, agent_days=0, start=None)
    assert table.belief(0).tobytes() == belief.tobytes()
    assert table.totals(0) == totals


def test_a_restart_does_not_give_the_day_a_second_start() -> None:
    table = table_for(rows=1)
    feed(table, [Outcome(0, 5, 0.1, bad=True)])
    table.restart(0)
    assert feed(table, [Outcome(0, 5, 0.1, bad=True)]).tolist() == [0.0]
    assert table.explanation(0).start is None
    assert feed(table, [Outcome(0, 6, 0.1, bad=True)])[0] > 1.0
    assert table.agent_days().tolist() == [1]


def test_a_row_can_be_put_aside_and_brought_back() -> None:
    table, checkpoints = table_for(rows=2), table_for(rows=1)
    feed(table, random_history(1, 60, rows=2))
    checkpoints.assign(0, table, 1)
    before = table.row_state(1)
    other = table.row_state(0)
    feed(table, [Outcome(1, 500, 0.1, bad=True)])
    assert table.row_state(1) != before
    table.assign(1, checkpoints, 0)
    assert states(table) == [other, before]
    assert table.evidence()[1] == checkpoints.evidence()[0]


def test_evidence_stays_finite_for_ever() -> None:
    table = table_for(rows=1)
    size = 100_000
    days = np.arange(size, dtype=np.int64) // 3
    rows = np.zeros(size, np.int64)
    rare = np.full(size, 0.001)
    found = table.observe(rows, days, rare, np.ones(size, np.bool_))
    assert np.isfinite(found).all()
    assert found.max() == found[-1] == 1e100
    start = table.explanation(0).start
    assert start is not None
    assert np.isfinite(table.belief(0)).all()
    assert table.belief(0).sum() == pytest.approx(1.0, abs=1e-12)

    falling = table.observe(rows, days + size, rare, np.zeros(size, np.bool_))
    assert np.isfinite(falling).all()
    assert falling[-1] < 1e100
    assert table.belief(0).min() > 0.0


def test_evidence_is_held_and_then_falls_when_the_agent_turns_honest() -> None:
    table = EvidenceTable(Prior(0.25))
    table.add()

    def sell(day: int, sales: int, one_bad_in: int) -> Reals:
        return feed(
            table,
            [Outcome(0, day + n // 3, 0.05, bad=n % one_bad_in == 0) for n in range(sales)],
        )

    assert sell(0, 300, one_bad_in=20).max() < 1_000
    assert sell(100, 900, one_bad_in=3).max() == LARGEST_EVIDENCE
    assert sell(400, 300, one_bad_in=20)[-1] < 73_000


@pytest.mark.parametrize("probability", [1e-12, 1.0 - 1e-12])
@pytest.mark.parametrize("sd", [0.05, 1.5])
def test_the_least_and_the_largest_probability_keep_all_finite(
    probability: float, sd: float
) -> None:
    table = table_for(sd, rows=1)
    for bad in (True, False, True):
        assert np.isfinite(feed(table, [Outcome(0, 1, probability, bad)] * 100)).all()
    assert table.belief(0).sum() == pytest.approx(1.0, abs=1e-12)


@settings(deadline=None)
@given(histories(largest=60))
def test_the_posterior_is_a_distribution(history: list[Outcome]) -> None:
    table = table_for()
    feed(table, history)
    for row in range(ROWS):
        assert table.belief(row).sum() == pytest.approx(1.0, abs=1e-12)


def test_the_result_can_be_written_into_an_array_of_the_caller() -> None:
    table = table_for(rows=1)
    room = np.empty(2)
    one, two = np.zeros(2, np.int64), np.array([0.1, 0.2])
    assert table.observe(one, one, two, np.array([True, False]), room) is room
    assert room[1] == table.evidence()[0]


def test_arrays_that_cannot_be_written_or_have_gaps_are_read_all_the_same() -> None:
    table, plain = table_for(), table_for()
    history = random_history(3, 40)
    expected = feed(plain, history)
    rows = np.repeat(np.array([outcome.row for outcome in history], np.int64), 2)[::2]
    probabilities = np.array([outcome.probability for outcome in history])
    probabilities.flags.writeable = False
    days = np.array([outcome.day for outcome in history], np.int64)
    bad = np.array([outcome.bad for outcome in history])
    assert table.observe(rows, days, probabilities, bad).tobytes() == expected.tobytes()


INTEGERS = np.zeros(2, np.int64)
HALVES = np.full(2, 0.5)
TRUTHS = np.ones(2, np.bool_)


@pytest.mark.parametrize("wrong", [0.0, 1.0, -0.1, 1.5, float("nan"), 1e-13])
def test_an_expectation_that_is_no_probability_is_refused(wrong: float) -> None:
    table = table_for(rows=1)
    before = table.row_state(0)
    with pytest.raises(ValueError, match="probabilities"):
        table.observe(INTEGERS, INTEGERS, np.array([0.5, wrong]), TRUTHS)
    assert table.row_state(0) == before


@pytest.mark.parametrize("wrong", [-1, 1])
def test_a_row_that_does_not_exist_is_refused(wrong: int) -> None:
    table = table_for(rows=1)
    with pytest.raises(ValueError, match="rows"):
        table.observe(np.array([0, wrong]), INTEGERS, HALVES, TRUTHS)
    with pytest.raises(IndexError, match="row"):
        table.explanation(wrong)


def test_arrays_of_another_shape_or_type_are_refused() -> None:
    table = table_for(rows=1)
    with pytest.raises(ValueError, match="rows"):
        table.observe(INTEGERS.reshape(1, 2), INTEGERS, HALVES, TRUTHS)
    with pytest.raises(ValueError, match="days"):
        table.observe(INTEGERS, INTEGERS[:1], HALVES, TRUTHS)
    with pytest.raises(ValueError, match="probabilities"):
        table.observe(INTEGERS, INTEGERS, HALVES[:1], TRUTHS)
    with pytest.raises(ValueError, match="outcomes"):
        table.observe(INTEGERS, INTEGERS, HALVES, np.array([1, 0]))
    with pytest.raises(ValueError, match="evidence_out"):
        table.observe(INTEGERS, INTEGERS, HALVES, TRUTHS, np.empty(3))
    with pytest.raises(ValueError, match="evidence_out"):
        table.observe(INTEGERS, INTEGERS, HALVES, TRUTHS, np.empty(4)[::2])
    assert table.totals(0).outcomes == 0


def test_a_table_needs_room_for_one() -> None:
    with pytest.raises(ValueError, match="capacity"):
        EvidenceTable(Prior(0.25), 0)
    with pytest.raises(ValueError, match="largest_evidence"):
        EvidenceTable(Prior(0.25), 1, 1e101)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories(largest=60), st.integers(1, 3))
def test_how_many_starts_there_is_room_for_changes_no_bit(
    monkeypatch: pytest.MonkeyPatch, history: list[Outcome], more: int
) -> None:
    plenty = table_for()
    with monkeypatch.context() as context:
        context.setattr(row_store, "MORE_STARTS", more)
        tight, copied = table_for(), table_for()
        assert feed(tight, history).tobytes() == feed(plenty, history).tobytes()
        assert states(tight) == states(plenty)
        for row in range(ROWS):
            copied.assign(row, plenty, row)
            plenty.assign(row, tight, row)
            tight.load_row(row, copied.row_state(row))
    assert states(copied) == states(plenty) == states(tight)
    again = [Outcome(row, 20_100, 0.1, bad=True) for row in range(ROWS)]
    found = [feed(table, again).tobytes() for table in (copied, plenty, tight)]
    assert found == found[:1] * 3
