"""Names that no account needs are forgotten, and nothing that is told changes with that."""

from collections.abc import Callable
from random import Random
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.events.event import AnyEvent, Sale
from detectors.ledger.plain import store as plain_store
from detectors.ledger.plain.growing import with_needed_names
from detectors.ledger.plain.layout import NAMES, NO_NAME, Store
from detectors.ledger.stage import Ledger
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.refutation import refuted
from tests.detectors.worlds import crowd, in_order

SIZES: Final = [40, 7, 90]

Forget = Callable[[Store, int], Store]


class ForgetsAtOnce(Ledger):
    """Forgets names whenever time goes on."""

    def advance(self, until: Seconds) -> None:
        self.plain.store.most_names = 0
        super().advance(until)


def many_names(random: Random, number: int) -> list[AnyEvent]:
    """Return a crowd many of whose sales bear names that no others bear."""
    return in_order(
        [
            structs.replace(
                event,
                agent_id=f"agent {place}" if random.random() < 0.5 else event.agent_id,
                product=f"product {place}" if random.random() < 0.3 else event.product,
                site=random.choice((None, f"site {place}", "leeds")),
                channel=random.choice((None, "phone", f"channel {place}")),
            )
            if isinstance(event, Sale)
            else event
            for place, event in enumerate(crowd(random, number))
        ]
    )


def law(forget: Forget, data: st.DataObject) -> None:
    """Whatever is forgotten, and however often, the ledger tells the same."""
    log = many_names(data.draw(st.randoms(use_true_random=True)), 80)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_store, "with_needed_names", forget)
        told = Told(ForgetsAtOnce(PLAIN)).in_blocks(log, SIZES)
    assert told.everything() == Told(Ledger(PLAIN)).in_blocks(log, SIZES).everything()


@given(data=st.data())
def test_the_ledger_tells_the_same_whatever_is_forgotten(data: st.DataObject) -> None:
    law(with_needed_names, data)


def without_renumbering_sites(store: Store, seed: int) -> Store:
    before = store.rows["site"].copy()
    forgotten = with_needed_names(store, seed)
    known = int(store.counters[NAMES])
    forgotten.rows["site"] = np.where(before < known, before, NO_NAME)
    return forgotten


def with_cells_as_they_were(store: Store, seed: int) -> Store:
    cells = store.cells.copy()
    forgotten = with_needed_names(store, seed)
    size = min(len(forgotten.cells), len(cells))
    forgotten.cells[:size, -1] = np.minimum(cells[:size, -1], store.counters[NAMES] - 1)
    return forgotten


@pytest.mark.parametrize("broken", [without_renumbering_sites, with_cells_as_they_were])
def test_the_law_catches(broken: Forget) -> None:
    assert refuted(law, broken, examples=50)


def test_of_names_that_come_once_few_are_kept() -> None:
    random = Random(1)  # noqa: S311 - nothing secret
    told = Told(Ledger(PLAIN))
    store = told.ledger.plain.store
    store.most_names = 50
    log = many_names(random, 600)
    for start in range(0, len(log), 40):
        told.block(log[start : start + 40])
        told.drain()
        plain = len(told.ledger.plain.rows())
        # A name is its agent's, product's, site's, cell's, or that of the cell's channel.
        assert store.arrays.counters[NAMES] <= max(50, 2 * 6 * plain) + 6 * 40
    named = {event.agent_id for event in log if isinstance(event, Sale)}
    assert store.arrays.counters[NAMES] < len(named)
