"""What a ledger of accounts tells the ledgers of keys, and which sales it counts as unknown."""

from collections.abc import Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import AnyEvent, Sale
from detectors.ledger.matches import Coverage
from detectors.ledger.stage import Ledger
from detectors.patterns.key.shared_payer import SharedPayer
from detectors.settings import Settings
from tests.detectors.worlds import END, HOUR, SETTINGS, START, cancellation, orders, sale, worlds

LATE = Seconds(START.timestamp() + 50 * HOUR)


class Said(NamedTuple):
    event_id: str
    known_at: float
    void: bool


def claim(event_id: str, payer: str | None, site: str = "leeds", agent: str = "anna") -> Sale:
    sold = sale(0, agent=agent)
    return structs.replace(sold, event_id=event_id, payer_hash=payer, site=site)


def said(ledger: Ledger, *claims: AnyEvent) -> list[Said]:
    for event in claims:
        ledger.apply(event)
    found = ledger.drain().mentions
    return [
        Said(one.sale.event_id, (one.known_at - START.timestamp()) / HOUR, one.void)
        for one in found
        if one.field == "payer_hash"
    ]


def test_a_sale_in_time_is_known_with_it_and_a_late_one_with_the_watermark() -> None:
    ledger = Ledger(SETTINGS)
    assert said(ledger, claim("e", "ada")) == [Said("e", 0, void=False)]
    ledger.advance(LATE)
    other = structs.replace(sale(1, "b", "other"), event_id="late", payer_hash="ada")
    assert said(ledger, other) == [Said("late", 50, void=False)]


def test_of_two_payers_neither_is_believed_and_what_was_told_is_taken_back() -> None:
    ledger = Ledger(SETTINGS)
    assert said(ledger, claim("b", "ada")) == [Said("b", 0, void=False)]
    assert said(ledger, claim("c", "ada")) == []
    assert said(ledger, claim("c", "ben")) == [Said("b", 0, void=True)]
    assert said(ledger, claim("a", "ada")) == []


def test_a_payer_whom_only_one_claim_names_is_taken() -> None:
    ledger = Ledger(SETTINGS)
    assert said(ledger, claim("a", None)) == []
    assert said(ledger, claim("b", "ada")) == [Said("a", 0, void=False)]


def cancelled(ledger: Ledger, *events: AnyEvent) -> list[tuple[float, list[float]]]:
    """Return when each mention by customer became known, and when what it tells was cancelled."""
    for event in events:
        ledger.apply(event)
    begin = START.timestamp()
    return [
        ((one.known_at - begin) / HOUR, [(c.at - begin) / HOUR for c in one.cancellations])
        for one in ledger.drain().mentions
        if one.field == "customer_id"
    ]


def test_a_cancellation_is_told_once_both_are_known_whichever_came_first() -> None:
    sold, ended = sale(10, sale_id="s"), cancellation(20, sale_id="s")
    assert cancelled(Ledger(SETTINGS), sold, ended) == [(10, []), (20, [20])]
    assert cancelled(Ledger(SETTINGS), ended, sold) == [(10, []), (20, [20])]
    assert cancelled(Ledger(SETTINGS), sold, ended, ended) == [(10, []), (20, [20])]
    early = cancellation(8, sale_id="s")
    assert cancelled(Ledger(SETTINGS), early, sold) == [(10, []), (10, [8])]
    far = cancellation(10 + 24 * 9, sale_id="s")
    assert cancelled(Ledger(SETTINGS), sold, far) == [(10, [])], "no pattern looks so far back"
    late = Ledger(SETTINGS)
    assert cancelled(late, sold) == [(10, [])]
    late.advance(LATE)
    assert cancelled(late, ended) == [(50, [20])]


def test_another_claim_that_holds_tells_the_cancellations_again() -> None:
    sold, ended = claim("b", None), cancellation(3)
    ledger = Ledger(SETTINGS)
    assert cancelled(ledger, sold, ended) == [(0, []), (3, [3])]
    assert cancelled(ledger, claim("a", None)) == [(0, []), (0, []), (3, [3])], "void, and anew"


def test_a_claim_of_another_seller_has_no_say() -> None:
    ledger = Ledger(SETTINGS)
    said(ledger, claim("b", "ada"))
    assert said(ledger, claim("a", "ben", agent="boris")) == []
    ledger.advance(LATE)
    assert said(ledger, claim("a", "ben", agent="chen")) == []


def test_another_site_replaces_in_time_and_late_only_takes_back() -> None:
    ledger = Ledger(SETTINGS)
    said(ledger, claim("c", "ada"))
    assert said(ledger, claim("b", "ben", "oslo")) == [
        Said("c", 0, void=True),
        Said("b", 0, void=False),
    ]
    ledger.advance(LATE)
    assert said(ledger, claim("a", "ada")) == [Said("b", 50, void=True)]


def standing(events: Sequence[AnyEvent]) -> set[tuple[str, int, tuple[int, ...]]]:
    ledger, found = Ledger(SETTINGS), {}
    for event in events:
        ledger.apply(event)
    for one in ledger.drain().mentions:
        key = (one.sale.event_id, one.value)
        found[key] = None if one.void else one.sale.contact
    return {(*key, contact) for key, contact in found.items() if contact is not None}


@given(data=st.data())
def test_the_order_of_claims_in_time_and_repeats_change_nothing_that_stands(
    data: st.DataObject,
) -> None:
    events = data.draw(worlds())
    assert standing(data.draw(orders(events))) == standing(events)


def test_a_sale_whose_payer_or_customer_nobody_knows_is_counted_as_unknown() -> None:
    on = SharedPayer(enabled=True, window="2d")
    ledger = Ledger(Settings(patterns=structs.replace(Settings().patterns, shared_payer=on)))
    known, nobody_paid = claim("a", "ada"), structs.replace(sale(0, "b", "t"), payer_hash=None)
    nobody_bought = structs.replace(sale(0, "c", "u"), payer_hash="ada", customer_id=None)
    for event in (known, nobody_paid, nobody_bought):
        ledger.apply(event)
    ledger.advance(Seconds(END))
    outcomes = ledger.drain().bundle.outcomes
    assert "shared_payer" not in {one.pattern for one in outcomes}
    assert ledger.matches.counts.coverage == {PatternName("shared_payer"): Coverage(3, 2)}


def test_without_a_pattern_that_asks_nothing_is_kept_and_nothing_told() -> None:
    ledger = Ledger(Settings())
    assert said(ledger, claim("a", "ada")) == []
    assert {one.contact for known in ledger.accounts().values() for one in known.sales} == {()}
