import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.totals.slots import SlotIndex
from detectors.basis.identifiers import Cell
from detectors.peers.cells import wider
from detectors.peers.leave_one_out import NO_SLOT

PAIRS = st.lists(
    st.tuples(st.integers(0, 90), st.sampled_from(["", "a", "a/x", "a/y", "b/x", "b/x/1"]))
)


@given(PAIRS, PAIRS)
def test_every_pair_has_one_place_and_the_way_to_it_leads_through_wider_cells(
    some: list[tuple[int, Cell]], more: list[tuple[int, Cell]]
) -> None:
    index = SlotIndex()
    found: dict[tuple[int, Cell], int] = {}
    for pairs in (some, more):
        rows = np.array([row for row, _ in pairs], np.int64)
        nodes = np.array(index.tree.nodes([cell for _, cell in pairs]), np.int64)
        for pair, slot in zip(pairs, index.slots(rows, nodes).tolist(), strict=True):
            assert found.setdefault(pair, slot) == slot
    assert len(set(found.values())) == len(found) <= len(index)
    names = index.tree.cells()
    for (row, cell), slot in found.items():
        assert index.are_asked_for(np.array([slot])).all()
        assert slot in index.of_agents([row])
        assert index.node(np.array([slot])) == index.tree.node(Cell(cell))
        way = [step for step in index.paths[slot].tolist() if step != NO_SLOT]
        assert way[-1] == slot
        assert set(index.row(np.array(way)).tolist()) == {row}
        cells = [names[node] for node in index.node(np.array(way)).tolist()]
        assert cells[0] == ""
        assert [wider(narrow) for narrow in cells[1:]] == cells[:-1]
        assert index.wider(np.array([slot])).tolist() == ([NO_SLOT, *way])[-2:-1]
    asked_for = np.flatnonzero(index.are_asked_for(np.arange(len(index)))).tolist()
    assert asked_for == sorted(set(found.values()))


def test_an_agent_without_a_place_has_none() -> None:
    assert SlotIndex().of_agents([7]).size == 0


@given(st.lists(st.tuples(st.integers(0, 2**31 - 1), st.integers(0, 5)), max_size=300))
def test_no_two_pairs_share_a_slot_however_many_there_are(pairs: list[tuple[int, int]]) -> None:
    index = SlotIndex()
    nodes = index.tree.nodes([Cell(name) for name in ("", "a", "a/x", "a/y", "b", "b/x")])
    known: dict[tuple[int, int], int] = {}
    for start in range(0, len(pairs), 70):
        part = pairs[start : start + 70]
        rows = np.array([row for row, _ in part], np.int64)
        found = index.slots(rows, np.array([nodes[cell] for _, cell in part], np.int64))
        for pair, slot in zip(part, found.tolist(), strict=True):
            assert known.setdefault(pair, slot) == slot
            one = np.array([slot])
            assert (int(index.row(one)[0]), int(index.node(one)[0])) == (pair[0], nodes[pair[1]])
    again = SlotIndex()
    again.restore(index.snapshot())
    assert again.snapshot() == index.snapshot()
