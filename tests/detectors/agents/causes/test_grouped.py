"""Trials of a day, added up by group and cell: none twice, and none of who is left out."""

from collections import Counter
from dataclasses import dataclass
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from detectors.agents.causes.grouped import Trials, grouped
from detectors.basis.identifiers import AgentId, Cell
from detectors.messages.within import GroupRows, numbers

AGENTS: Final = (AgentId("anna"), AgentId("boris"), AgentId("chen"), AgentId("dora"), None)
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
