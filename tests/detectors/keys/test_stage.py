"""The laws of the ledger of keys: by definition, in any order, however it is cut."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.errors import IncompatibleSnapshot
from detectors.events.event import AnyEvent, Sale
from detectors.keys.stage import Keys
from detectors.settings import Settings
from tests.detectors.definition import facts_across, facts_in_the_end
from tests.detectors.keys.broken import (
    BelievesTheFirstLedger,
    BelievesWhatWasTakenBack,
    ForgetsTooEarly,
    HearsOfNoCancellation,
    NeverCorrects,
    SavesNoCancellation,
    SavesNoVerdict,
    TakesNothingBack,
    WaitsForTheWindow,
)
from tests.detectors.keys.runs import of_type, randoms, said
from tests.detectors.refutation import refuted
from tests.detectors.worlds import END, SETTINGS, crowd, late_orders, orders, regulars, worlds

EVENTS = st.one_of(
    worlds(),
    randoms().map(lambda random: crowd(random, 25)),
    randoms().map(regulars),
)


def definition_law(keys: type[Keys], data: st.DataObject) -> None:
    """Require what is defined, whatever the order within the lateness, and the partitions."""
    events = data.draw(EVENTS)
    outcomes = said(
        data.draw(orders(events)),
        of_type(keys),
        data.draw(randoms()),
        ledgers=data.draw(st.sampled_from((1, 2, 4))),
        keys=data.draw(st.sampled_from((1, 2, 4))),
    )
    assert all(one.known_at == one.matured_at for one in outcomes), "all were in time"
    assert facts_in_the_end(outcomes) == facts_across(events, END)


def correction_law(keys: type[Keys], data: st.DataObject) -> None:
    """Require that late events lead to where events in time do, if each sale is claimed once."""
    events = one_claim_each(data.draw(EVENTS))
    outcomes = said(
        data.draw(late_orders(events)),
        of_type(keys),
        data.draw(randoms()),
        keys=data.draw(st.sampled_from((1, 2))),
    )
    assert facts_in_the_end(outcomes) == facts_across(events, END)


def interleaving_law(keys: type[Keys], data: st.DataObject) -> None:
    """Require the same however messages are mixed, repeated, and cut by restarts."""
    events = data.draw(late_orders(data.draw(EVENTS)))
    ledgers, number = data.draw(st.sampled_from((1, 2, 4))), data.draw(st.sampled_from((1, 2)))
    first = said(events, of_type(Keys), data.draw(randoms()), ledgers=ledgers, keys=number)
    again = said(
        events, of_type(keys), data.draw(randoms()), ledgers=ledgers, keys=number, restarts=True
    )
    assert again == first


def one_claim_each(events: Sequence[AnyEvent]) -> list[AnyEvent]:
    sold: set[tuple[str, str]] = set()
    kept: list[AnyEvent] = []
    for event in events:
        if isinstance(event, Sale):
            if (event.account_id, event.sale_id) in sold:
                continue
            sold.add((event.account_id, event.sale_id))
        kept.append(event)
    return kept


@settings(max_examples=12)
@given(data=st.data())
def test_what_is_said_is_what_it_is_by_definition(data: st.DataObject) -> None:
    definition_law(Keys, data)


@settings(max_examples=12)
@given(data=st.data())
def test_what_comes_late_corrects_what_was_said(data: st.DataObject) -> None:
    correction_law(Keys, data)


@settings(max_examples=12)
@given(data=st.data())
def test_neither_mixing_nor_repeats_nor_restarts_change_what_is_said(data: st.DataObject) -> None:
    interleaving_law(Keys, data)


@pytest.mark.parametrize(
    ("law", "broken"),
    [
        (definition_law, BelievesTheFirstLedger),
        (definition_law, TakesNothingBack),
        (definition_law, WaitsForTheWindow),
        (definition_law, HearsOfNoCancellation),
        (correction_law, NeverCorrects),
        (correction_law, ForgetsTooEarly),
        (interleaving_law, BelievesWhatWasTakenBack),
        (interleaving_law, SavesNoCancellation),
        (interleaving_law, SavesNoVerdict),
    ],
)
def test_the_laws_catch_ledgers_that_break_them(
    law: Callable[[type[Keys], st.DataObject], None], broken: type[Keys]
) -> None:
    assert refuted(law, broken)


def test_a_snapshot_under_other_settings_is_refused() -> None:
    other = Settings(patterns=SETTINGS.patterns)
    with pytest.raises(IncompatibleSnapshot, match="settings"):
        Keys(other).restore(Keys(SETTINGS).snapshot())
