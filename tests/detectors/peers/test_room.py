"""Laws of the room for cells: it is never exceeded, and what has no place counts around itself."""

from collections.abc import Callable, Iterable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.identifiers import Cell
from detectors.limit_settings import Limits
from detectors.messages.cell_columns import DayTotals, KnownTotals
from detectors.peers.population import Population
from detectors.peers.room import ROW, Room
from detectors.peers.stage import Peers
from detectors.settings import Settings
from tests.detectors.peers.market import PATTERN, SETTINGS, Market, Sale, path
from tests.detectors.refutation import refuted

CELLS = [Cell(f"{product}/{channel}") for product in "abcd" for channel in "xy"]
SALES = st.lists(
    st.builds(
        Sale, st.integers(0, 4), st.sampled_from(CELLS), st.integers(0, 1), matured=st.just(1)
    ),
    max_size=12,
)
WEEKS = st.lists(SALES, min_size=1, max_size=6)
SIZES = st.sampled_from([ROW, 4 * ROW, 8 * ROW, 12 * ROW])

Rooms = Callable[[int], Room]


def small(size: int) -> Room:
    return Room(size, frequent=3)


def where_it_counts(cell: Cell, known: KnownTotals) -> Cell:
    places = {node for told in known.cells for node in path(told)} | {Cell("")}
    return next(node for node in reversed(path(cell)) if node in places)


def counts_around_itself(rooms: Rooms, data: st.DataObject) -> None:
    """Compare what is expected of sales with that of the same, sold in the cells they count in."""
    size, absent = data.draw(SIZES), data.draw(st.integers(0, 4))
    short, wide = Market(data.draw(st.integers(1, 3)), room=rooms(size)), Market()
    for day, sales in enumerate(data.draw(WEEKS)):
        out = [absent] if day >= 2 else []
        found = short.day(day, sales, out)
        assert short.review is not None
        known = short.review.known.get(PATTERN, KnownTotals())
        nodes = {node for cell in known.cells for node in path(cell)} - {Cell("")}
        assert sum(ROW + len(node) for node in nodes) <= size
        moved = [sale._replace(cell=where_it_counts(sale.cell, known)) for sale in sales]
        assert found == wide.day(day, moved, out)


def changes_no_bit(rooms: Rooms, data: st.DataObject) -> None:
    """Neither partitions, nor the order of sales, nor restarts change a review."""
    size, random = data.draw(SIZES), data.draw(st.randoms(use_true_random=True))
    one, many = Market(1, room=rooms(size)), Market(3, room=rooms(size))
    for day, sales in enumerate(data.draw(WEEKS)):
        one.day(day, sales)
        many.day(day, random.sample(sales, len(sales)))
        assert one.review == many.review
        saved = many.peers.snapshot()
        many.peers = Peers(SETTINGS, 3, room=rooms(size))
        many.peers.restore(saved)
        assert many.peers.room.used == one.peers.room.used


class TakesWhoeverComes(Room):
    """Has room without end."""

    def is_full_for(self, outcomes: int) -> bool:
        del outcomes
        return False

    def take(self, cells: Iterable[Cell], outcomes: int) -> bool:
        self.keep(cells)
        return outcomes > -1


class ForgetsWhoIsThere(Room):
    """Counts no place that was taken before a restart."""

    def keep(self, cells: object) -> None:
        pass


@given(st.data())
def test_what_has_no_place_counts_in_the_cell_around_it(data: st.DataObject) -> None:
    counts_around_itself(small, data)


@given(st.data())
def test_partitions_order_and_restarts_change_no_place(data: st.DataObject) -> None:
    changes_no_bit(small, data)


def test_the_laws_refute_rooms_that_break_them() -> None:
    assert refuted(counts_around_itself, TakesWhoeverComes)
    assert refuted(changes_no_bit, ForgetsWhoIsThere)


def test_the_law_refutes_places_by_order_of_arrival(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_arrival(self: Population, reports: Sequence[DayTotals]) -> None:
        tree = self._tree
        for report in reports:
            for cell in report.cells:
                if self._room.take(tree.missing(cell), 1):
                    tree.node(cell)

    monkeypatch.setattr(Population, "_admit", by_arrival)
    assert refuted(changes_no_bit, small)


def test_the_first_half_is_for_whoever_comes_and_the_rest_for_the_frequent() -> None:
    room = Room(10 * ROW, frequent=3)
    assert [room.take([Cell("")], 1) for _ in range(6)] == [True] * 5 + [False]
    assert [room.take([Cell("")], 3) for _ in range(6)] == [True] * 5 + [False]
    assert (room.cells, room.share) == (10, 1.0)


def test_a_review_of_as_many_cells_as_there_is_room_for_fits_into_a_message() -> None:
    settings = Settings(limits=Limits(largest_review=10_000))
    market = Market(settings=settings)
    for day in range(3):
        cells = [Cell(f"{day}-{number}/phone") for number in range(200)]
        market.day(day, [Sale(number % 5, cell, 0) for number, cell in enumerate(cells)])
    assert market.review is not None
    known = market.review.known[PATTERN]
    size = len(known.peers) + len(known.everybody) + sum(map(len, known.cells))
    assert 2_000 < size <= 5_000 + ROW
    assert market.peers.room.share <= 0.5
