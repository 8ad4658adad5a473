from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.identifiers import Cell
from detectors.peers.cells import ROOT, CellTree, wider

VALUES = st.text("ab\\/", min_size=1, max_size=4)
FIELDS = st.lists(VALUES, min_size=1, max_size=4)


def cell(values: list[str]) -> str:
    return "/".join(value.replace("\\", "\\\\").replace("/", "\\/") for value in values)


@given(FIELDS)
def test_the_wider_cell_is_without_the_last_field_whatever_the_values_hold(
    values: list[str],
) -> None:
    assert wider(Cell(cell(values))) == cell(values[:-1])


@given(st.lists(FIELDS, max_size=10))
def test_a_tree_holds_each_cell_once_after_the_one_it_lies_in(cells: list[list[str]]) -> None:
    tree = CellTree()
    nodes = {cell(values): tree.node(Cell(cell(values))) for values in cells}
    names = tree.cells()
    assert names[0] == ROOT
    assert set(names) == {cell(values[:end]) for values in [*cells, []] for end in range(5)}
    assert all(names[node] == name for name, node in nodes.items())
    for name in names[1:]:
        assert names[tree.parent(tree.node(name))] == wider(name)
        assert tree.parent(tree.node(name)) < tree.node(name)
    assert len(tree) == len(names)


@given(st.lists(FIELDS, max_size=10))
def test_arrays_hold_of_every_node_in_what_and_how_deep_it_lies(cells: list[list[str]]) -> None:
    tree = CellTree()
    for values in cells:
        assert tree.parents().size == len(tree)
        tree.node(Cell(cell(values)))
    parents, depths = tree.parents().tolist(), tree.depths().tolist()
    assert parents == [tree.parent(node) for node in range(len(tree))]
    assert depths == [0, *(depths[parent] + 1 for parent in parents[1:])]
