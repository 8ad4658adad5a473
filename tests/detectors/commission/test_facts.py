"""What ledgers tell of commissions: the same of accounts in columns and of those kept as objects.

And of a sale, whatever claims about it come in whatever order, what holds in the end is told last.
"""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import seconds_at
from detectors.basis.identifiers import AccountId
from detectors.commission_settings import CommissionSettings
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AnyEvent, CancellationReason, Sale
from detectors.evidence.arrays import Reals
from detectors.facts.account import SaleRecord, Verdict
from detectors.ledger.commission.facts import CommissionFacts
from detectors.ledger.stage import Ledger
from detectors.messages.commissions import CommissionFact
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.patterns import Patterns
from detectors.settings import Settings
from tests.detectors.ledger.told import Told
from tests.detectors.refutation import refuted
from tests.detectors.worlds import SETTINGS, at, cancellation, late_orders, orders, sale, worlds

PAYING: Final = structs.replace(
    SETTINGS,
    patterns=Patterns(),
    corrections=CorrectionSettings(versions=True),
    commission=CommissionSettings(window="15d", kept_reasons=("deceased",)),
)


class PaysNothingInColumns(CommissionFacts):
    """Leaves out the amount of what is kept in columns."""

    def tell_good(self, index: int, good: GoodOutcomes, at: Reals, amounts: Reals) -> None:
        super().tell_good(index, good, at, amounts * float("nan"))


class HeedsNoOtherAmount(CommissionFacts):
    """Tells a sale anew only if something else than its commission was corrected."""

    def replace(self, known: SaleRecord, claim: SaleRecord) -> None:
        super().replace(known, structs.replace(claim, numbers=known.numbers))


class CountsAnew(CommissionFacts):
    """Counts the revisions of each claim by itself."""

    def replace(self, known: SaleRecord, claim: SaleRecord) -> None:
        super().replace(structs.replace(known, revisions=(), verdicts=0), claim)


LATE: Final = structs.replace(PAYING, time=structs.replace(PAYING.time, corrections_for="30d"))


def ledger(facts: type[CommissionFacts] = CommissionFacts, settings: Settings = PAYING) -> Ledger:
    built: Any = Ledger(settings)
    if facts is not CommissionFacts:
        settlement = built._settlement  # noqa: SLF001 - something broken is put in
        settlement.commissions = facts(settings, [number.field for number in settlement.numbers])
    return built  # type: ignore[no-any-return] # another class of facts is put in


def latest(facts: Sequence[CommissionFact]) -> dict[tuple[str, ...], CommissionFact]:
    """Return what holds of each sale and phase, as whoever receives it takes it."""
    ordered = sorted(facts, key=lambda one: (one.known_at, one.revision))
    return {(one.account_id, one.sale_id, one.phase): one for one in ordered}


def columns_law(facts: type[CommissionFacts], data: st.DataObject) -> None:
    events = data.draw(worlds())
    log = data.draw(st.one_of(orders(events), late_orders(events)))
    told = Told(ledger(facts)).in_blocks(log, data.draw(st.lists(st.integers(1, 30), max_size=5)))
    assert told.everything() == Told(ledger()).one_by_one(log).everything()


@given(st.data())
def test_columns_and_objects_tell_the_same(data: st.DataObject) -> None:
    columns_law(CommissionFacts, data)


def test_that_law_catches_columns_that_tell_something_else() -> None:
    assert refuted(columns_law, PaysNothingInColumns, examples=300)


def claims(*agents_and_amounts: tuple[str | None, float | None]) -> list[AnyEvent]:
    """Return claims about one sale, each of a greater version, and of another one."""
    return [
        structs.replace(
            sale(12, agent=agent, event_id=f"claim {number}", product="card"),
            commission=amount,
            version=number + 1,
        )
        for number, (agent, amount) in enumerate(agents_and_amounts)
    ]


def versions_law(facts: type[CommissionFacts]) -> None:
    """Whatever was told in between, the greatest version is told last."""
    first, *rest = claims(("anna", 2.5), ("bob", 2.5), ("bob", 4.0), (None, 4.0), ("bob", 5.0))
    own, told = ledger(facts, LATE), list[CommissionFact]()
    own.apply(first)
    for number, claim in enumerate(rest):
        own.advance(seconds_at(at(12 + 360 + 30 + number // 2)))  # two come at one moment
        told += own.drain().bundle.commissions
        own.apply(claim)
        told += own.drain().bundle.commissions
        last = latest(told)
        assert isinstance(claim, Sale)
        made, due = last["a", "s", "made"], last["a", "s", "due"]
        if claim.agent_id is None:
            assert made.verdict is due.verdict is Verdict.EXCLUDED
        else:
            assert (made.agent_id, made.amount) == (claim.agent_id, claim.commission)
            assert (due.agent_id, due.amount) == (claim.agent_id, claim.commission)
            assert made.verdict is due.verdict is Verdict.GOOD


def test_the_greatest_version_is_told_last() -> None:
    versions_law(CommissionFacts)


@pytest.mark.parametrize("broken", [HeedsNoOtherAmount, CountsAnew])
def test_that_law_catches_facts_of_former_claims(broken: type[CommissionFacts]) -> None:
    with pytest.raises(AssertionError):
        versions_law(broken)


def due_of(*events: AnyEvent) -> Verdict:
    later = sale(12 + 24 * 15 + 30, account="b", sale_id="t")
    told = Told(ledger()).one_by_one([sale(12), *events, later]).commissions
    return latest(told)["a", "s", "due"].verdict


@pytest.mark.parametrize("reason", ["returned", "replaced", "service_fault"])
def test_what_came_back_for_whatever_reason_is_clawed_back(reason: CancellationReason) -> None:
    assert due_of(cancellation(36, reason=reason)) is Verdict.BAD


def test_a_reason_that_is_kept_excuses_unless_the_seller_keyed_it() -> None:
    assert due_of(cancellation(36, reason="deceased")) is Verdict.GOOD
    assert due_of(cancellation(36, reason="deceased", keyed_by="anna")) is Verdict.BAD


def test_small_refunds_and_late_returns_take_nothing_back() -> None:
    assert due_of(cancellation(36, refund=0.1)) is Verdict.GOOD
    assert due_of(cancellation(12 + 24 * 15 + 1)) is Verdict.GOOD
    assert due_of(cancellation(36, refund="?")) is Verdict.EXCLUDED


def test_nothing_is_told_while_it_is_off_and_nobody_is_paid_for_nobodys_sales() -> None:
    log = [sale(12), sale(500, account="b", sale_id="t")]
    off = structs.replace(PAYING, commission=CommissionSettings())
    assert not Told(ledger(settings=off)).one_by_one(log).commissions
    nobody = [sale(12, agent=None), sale(500, account="b", sale_id="t")]
    told = Told(ledger()).one_by_one(nobody).commissions
    assert {one.account_id for one in told} == {AccountId("b")}
