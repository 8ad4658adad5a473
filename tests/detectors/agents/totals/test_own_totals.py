import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.totals.own_totals import OwnTotals, OwnTotalsState
from detectors.agents.totals.slots import SlotIndex, SlotsState
from detectors.basis.event_time import Day
from detectors.basis.identifiers import Cell
from detectors.peer_settings import PeerSettings
from tests.detectors.peers.columns import CellTotals, by_cell, table_of

CARD = Cell("card")
CARD_PHONE = Cell("card/phone")
CARD_WEB = Cell("card/web")
CELLS = (CARD_PHONE, CARD_WEB, Cell("line/phone"))
ALL = table_of({cell: CellTotals(1_000, 50, 20.0, 15.0) for cell in CELLS})
SALES = st.lists(
    st.tuples(st.integers(0, 70), st.sampled_from(CELLS), st.booleans()), min_size=1, max_size=50
)
DAYS = st.lists(SALES, max_size=5)
Sale = tuple[int, str, bool]


def let_pass(own: OwnTotals, day: int, sales: list[Sale]) -> list[float]:
    own.begin(Day(day))
    own.know([*ALL.cells, CARD])
    slots = np.array([own.index.slot(row, Cell(cell)) for row, cell, _ in sales], np.int64)
    assert own.index.row(slots).tolist() == [row for row, _, _ in sales]
    bad = np.array([bad for _, _, bad in sales], np.int64)
    own.count(slots, np.ones_like(bad), bad)
    found: list[float] = own.compare(ALL).probabilities.tolist()
    return found


def past_of(own: OwnTotals, *rows: int) -> dict[Cell, CellTotals]:
    return by_cell(own.past(rows))


def restored(own: OwnTotals) -> OwnTotals:
    slots = msgspec.msgpack.decode(msgspec.msgpack.encode(own.index.snapshot()), type=SlotsState)
    state = msgspec.msgpack.decode(msgspec.msgpack.encode(own.snapshot()), type=OwnTotalsState)
    again = OwnTotals(PeerSettings(), SlotIndex())
    again.index.restore(slots)
    again.restore(state)
    return again


@given(DAYS, DAYS)
def test_restored_totals_go_on_as_if_nothing_had_happened(
    before: list[list[Sale]], after: list[list[Sale]]
) -> None:
    own = OwnTotals(PeerSettings(), SlotIndex())
    for day, sales in enumerate(before):
        let_pass(own, day, sales)
    again = restored(own)
    for day, sales in enumerate(after, start=len(before) + 2):
        assert let_pass(again, day, sales) == let_pass(own, day, sales)
    assert again.snapshot() == own.snapshot()
    assert again.index.snapshot() == own.index.snapshot()
    assert [again.past([row]) for row in range(72)] == [own.past([row]) for row in range(72)]


def test_the_past_is_what_was_counted_in_the_cells_asked_for() -> None:
    own = OwnTotals(PeerSettings(), SlotIndex())
    let_pass(own, 1, [(3, "card/phone", True), (3, "card/phone", False), (4, "card/web", True)])
    let_pass(own, 4, [(3, "card/phone", True), (3, "card", False)])
    past = past_of(own, 3)
    assert list(past) == ["card", "card/phone"]
    assert past[CARD_PHONE].matured == 3
    assert past[CARD_PHONE].bad == 2
    assert past[CARD_PHONE].recent_bad == 1.5
    assert 0.05 < past[CARD_PHONE].recent_expected < 0.11
    assert past[CARD] == CellTotals(1, 0, 0.0, past[CARD].recent_expected)
    assert past_of(own, 0) == {}
    assert past_of(own, 99) == {}


def test_nothing_is_left_of_a_forgotten_past() -> None:
    own = OwnTotals(PeerSettings(), SlotIndex())
    let_pass(own, 1, [(0, "card/web", True), (1, "card/web", True)])
    own.begin(Day(2))
    own.forget(0)
    own.forget(99)
    assert past_of(own, 0) == {}
    assert past_of(own, 1) != {}


def test_a_correction_changes_one_place() -> None:
    own = OwnTotals(PeerSettings(), SlotIndex())
    let_pass(own, 1, [(0, "card/web", True), (0, "card/phone", False)])
    own.begin(Day(2))
    own.know(ALL.cells)
    own.change(own.index.slot(0, CARD_WEB), -1, -1)
    own.compare(ALL)
    past = past_of(own, 0)
    assert (past[CARD_PHONE].matured, past[CARD_PHONE].bad) == (1, 0)
    assert (past[CARD_WEB].matured, past[CARD_WEB].bad) == (0, 0)


def test_the_steps_of_a_day_have_an_order() -> None:
    own = OwnTotals(PeerSettings(), SlotIndex())
    slot = own.index.slot(0, CARD)
    with pytest.raises(RuntimeError, match="after begin"):
        own.change(slot, 1, 0)
    own.begin(Day(5))
    own.change(slot, 1, 0)
    with pytest.raises(RuntimeError, match="before anything"):
        own.forget(0)
    found = own.compare(table_of({CARD: CellTotals(1, 0, 0.0, 0.0)}))
    assert found.probabilities.tolist() == [0.5]
    with pytest.raises(RuntimeError, match="before compare"):
        own.change(slot, 1, 0)
    with pytest.raises(ValueError, match="day 5 must come after day 5"):
        own.begin(Day(5))
