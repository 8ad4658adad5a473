"""Whether an account is kept in columns or as an object changes nothing that is told of it."""

from collections.abc import Mapping
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.events.event import AnyEvent, Sale
from detectors.evidence.arrays import Reals
from detectors.facts.account import Account
from detectors.ledger.agreement import Agreement
from detectors.ledger.plain.adding import NO_FIELD
from detectors.ledger.plain.joined import Joined, Times
from detectors.ledger.stage import Ledger
from detectors.scanning.lines import ScannedLines
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.refutation import refuted
from tests.detectors.worlds import crowd, late_orders, orders, worlds


def same_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(worlds())
    log = data.draw(st.one_of(orders(events), late_orders(events)))
    sizes = data.draw(st.lists(st.integers(1, 30), max_size=5))
    told = Told(ledger(PLAIN)).in_blocks(log, sizes)
    assert told.everything() == Told(Ledger(PLAIN)).one_by_one(log).everything()


@given(st.data())
def test_columns_and_objects_tell_the_same(data: st.DataObject) -> None:
    same_law(Ledger, data)


class MergesLaterAtTheEnd(Ledger):
    """Merges what was left for later as if it came now."""

    def merge_later(self, event: AnyEvent, watermark: Seconds) -> bool:
        return super().merge_later(event, max(watermark, self.watermark + 7_200.0))


class ForgetsToTake(Ledger):
    """Begins an account anew where something unusual comes."""

    def _keep(self, accounts: Mapping[AccountId, Account]) -> None:
        super()._keep(dict.fromkeys(accounts, Account()))


class NamesNoCell(Ledger):
    """Compares everybody with everybody."""

    def join(
        self, scanned: ScannedLines, first: int, times: Times, clock: Agreement, told: Reals
    ) -> Joined:
        self.plain.store.cell_order[:] = NO_FIELD
        return super().join(scanned, first, times, clock, told)


@pytest.mark.parametrize("broken", [MergesLaterAtTheEnd, ForgetsToTake, NamesNoCell])
def test_that_law_catches(broken: type[Ledger]) -> None:
    assert refuted(same_law, broken)


@pytest.mark.parametrize("seed", range(4))
def test_so_they_do_in_a_crowd(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - nothing secret
    log = crowd(random, 400)
    sizes = [random.randrange(1, 200) for _ in range(20)]
    told = Told(Ledger(PLAIN)).in_blocks(log, sizes)
    assert told.everything() == Told(Ledger(PLAIN)).one_by_one(log).everything()


@pytest.mark.parametrize(
    "cell",
    [("product", "channel"), ("channel", "team", "product"), ("site",), ("tenure",), ()],
)
def test_cells_are_named_as_objects_name_them(cell: tuple[str, ...]) -> None:
    random = Random(7)  # noqa: S311 - nothing secret
    odd = ["card", "card/gold", "/", "-", "é/ü", "\\", "a\\/b"]
    log = [
        structs.replace(
            event,
            product=random.choice(odd),
            channel=random.choice([None, *odd]),
            site=random.choice([None, *odd]),
            team=random.choice([None, *odd]),
        )
        if isinstance(event, Sale)
        else event
        for event in crowd(random, 200)
    ]
    by_cell = structs.replace(PLAIN, peers=structs.replace(PLAIN.peers, cell=cell))
    told = Told(Ledger(by_cell)).in_blocks(log, [50])
    assert told.everything() == Told(Ledger(by_cell)).one_by_one(log).everything()
    assert len(told.ledger.plain.store.arrays.rows), "none of them was joined"
