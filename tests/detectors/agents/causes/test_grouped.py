"""Trials of a day, added up by group and cell: none twice, and none of who is left out."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.causes.grouped import Trials, grouped, of_trials
from detectors.agents.totals.trial_names import TrialColumns, TrialNames
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome
from detectors.messages.within import GroupRows, numbers

AGENTS: Final = (AgentId("anna"), AgentId("boris"), AgentId("chen"), AgentId("dora"), None)
QUICK: Final = PatternName("quick_cancellation")
CELLS: Final = (Cell("card"), Cell("line"))
MEMBERS: Final = {AgentId("anna"): "leeds", AgentId("boris"): "leeds", AgentId("chen"): "porto"}


@dataclass(frozen=True)
class Trial:
    agent: int
    cell: int
    number: int
    bad: int


TRIALS: Final = st.lists(
    st.builds(Trial, st.integers(0, 4), st.integers(0, 1), st.integers(1, 3), st.integers(0, 1)),
    max_size=12,
)


def rows_of(trials: list[Trial], left_out: frozenset[AgentId] = frozenset()) -> GroupRows:
    columns = (
        np.array([getattr(one, name) for one in trials], np.int64)
        for name in ("agent", "cell", "number", "bad")
    )
    return grouped(Trials(*columns), AGENTS, CELLS, MEMBERS, left_out)


@settings(max_examples=40)
@given(trials=TRIALS)
def test_it_is_the_sum_over_members(trials: list[Trial]) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    bad: Counter[tuple[str, str]] = Counter()
    for one in trials:
        agent = AGENTS[one.agent]
        if agent in MEMBERS and agent != "boris":
            expected[MEMBERS[agent], CELLS[one.cell]] += one.number
            bad[MEMBERS[agent], CELLS[one.cell]] += one.bad
    rows = rows_of(trials, frozenset({AgentId("boris")}))
    assert rows.is_whole()
    found = {
        (rows.groups[group], rows.cells[cell]): (number, ones)
        for group, cell, number, ones in numbers(rows.rows).tolist()
    }
    assert found == {key: (number, bad[key]) for key, number in expected.items()}


@pytest.mark.parametrize("broken", ["cut", "beyond"])
def test_rows_that_no_stage_writes_are_not_whole(broken: str) -> None:
    rows = rows_of([Trial(0, 1, 2, 1), Trial(2, 0, 1, 0)])
    assert rows.is_whole()
    change = {"rows": rows.rows[:-1]} if broken == "cut" else {"groups": rows.groups[:1]}
    assert not structs.replace(rows, **change).is_whole()


def columns_of(verdicts: list[tuple[int, bool]]) -> TrialColumns:
    agents = np.array([agent for agent, _ in verdicts], np.int64)
    bad = np.array([bad for _, bad in verdicts], np.bool_)
    return TrialColumns(agents, np.zeros_like(agents), bad, np.empty(0, np.int64))


def outcome(agent: int, verdict: Verdict) -> Outcome:
    at = Seconds(0.0)
    return Outcome(QUICK, SaleId(f"{agent}"), AGENTS[agent], CELLS[0], at, at, verdict)


def sums(days: list[tuple[TrialColumns, list[tuple[Outcome, Verdict]]]]) -> dict[str, list[int]]:
    """Return the outcomes of each group and the bad ones among them, over some days."""
    names = TrialNames()
    names.agents_of([outcome(agent, Verdict.GOOD) for agent in range(len(AGENTS))])
    names.cells_of([outcome(0, Verdict.GOOD)])
    found: dict[str, list[int]] = {}
    for columns, corrections in days:
        kinds = of_trials(columns, corrections, names, {"site": MEMBERS}, ())
        rows = kinds.get("site", GroupRows())
        for group, _, number, bad in numbers(rows.rows).tolist():
            before = found.get(rows.groups[group], [0, 0])
            found[rows.groups[group]] = [before[0] + number, before[1] + bad]
    return found


def test_what_is_corrected_is_taken_back_from_the_group() -> None:
    told = columns_of([(0, True), (1, True), (1, False), (2, True), (4, True)])
    corrections = [
        (outcome(0, Verdict.EXCLUDED), Verdict.BAD),
        (outcome(1, Verdict.GOOD), Verdict.BAD),
        (outcome(2, Verdict.EXCLUDED), Verdict.BAD),
        (outcome(4, Verdict.EXCLUDED), Verdict.BAD),
    ]
    assert sums([(told, []), (columns_of([]), corrections)]) == {"leeds": [2, 0], "porto": [0, 0]}
    late = [(outcome(1, Verdict.BAD), Verdict.GOOD)]
    assert sums([(columns_of([(1, False)]), []), (columns_of([]), late)]) == {"leeds": [1, 1]}
