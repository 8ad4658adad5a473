"""Of several versions of a sale the greatest holds, in any order, where settings believe them."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from itertools import permutations
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.correction_settings import CorrectionSettings
from detectors.events.event import AnyEvent, Sale
from detectors.facts.account import Account, SaleRecord
from detectors.ledger.claims import Claims
from detectors.ledger.stage import Ledger
from detectors.messages.contested import ContestedSale
from detectors.settings import Settings
from detectors.time_settings import TimeSettings
from tests.detectors.definition import facts, facts_in_the_end
from tests.detectors.ledger.broken import NeverCorrects
from tests.detectors.ledger.runs import LedgerRun
from tests.detectors.ledger.told import PLAIN, Told
from tests.detectors.refutation import refuted
from tests.detectors.worlds import (
    AGENTS,
    END,
    SETTINGS,
    START,
    activity,
    at,
    cancellation,
    in_order,
    late_orders,
    orders,
    sale,
    worlds,
)

BELIEVED: Final = CorrectionSettings(versions=True)
ON: Final = structs.replace(SETTINGS, corrections=BELIEVED)
FIELDS: Final = ("agent_id", "product", "amount", "customer_id", "occurred_at")


@st.composite
def corrected_worlds(draw: st.DrawFn, most: int = 5, *, moved: bool = True) -> list[AnyEvent]:
    """Draw a world in which no two claims of a sale are of one version; of one time if not moved.

    A sale may have been judged when a version comes that bears a much later time: then it matters
    in the end what holds, and before the end what came when.
    """
    events = draw(worlds(most))
    sold = [event for event in events if isinstance(event, Sale)]
    for number, one in enumerate(draw(st.lists(st.sampled_from(sold), max_size=3))):
        hours = (one.occurred_at - START).total_seconds() / 3_600 + draw(st.integers(-3, 3))
        agent, event_id = draw(st.sampled_from(AGENTS)), f"more {number}"
        more = sale(hours, one.account_id, one.sale_id, agent, one.product, event_id)
        events.append(structs.replace(more, amount=draw(st.sampled_from([1.0, 2.0]))))
    versions: dict[tuple[AccountId, SaleId], list[int]] = {}
    times = dict[tuple[AccountId, SaleId], datetime]()
    numbered: list[AnyEvent] = []
    for event in events:
        if isinstance(event, Sale):
            key = (event.account_id, event.sale_id)
            if key not in versions:
                versions[key] = draw(st.permutations(range(1, 7)))
            time = event.occurred_at if moved else times.setdefault(key, event.occurred_at)
            version = versions[key].pop()
            numbered.append(structs.replace(event, version=version, occurred_at=time))
        else:
            numbered.append(event)
    return in_order(numbered)


def changed(events: Sequence[AnyEvent]) -> dict[str, int]:
    """Return by field of how many sales not all claims say the same, by definition."""
    said: dict[tuple[str, str, str], set[object]] = {}
    for event in events:
        if isinstance(event, Sale):
            for field in FIELDS:
                key = (event.account_id, event.sale_id, field)
                said.setdefault(key, set()).add(getattr(event, field))
    return dict(Counter(key[2] for key, values in said.items() if len(values) > 1))


def in_time_law(ledger: type[Ledger], data: st.DataObject) -> None:
    moved = data.draw(st.booleans())
    events = data.draw(corrected_worlds(moved=moved))
    run = LedgerRun(data.draw(orders(events)), ledger(ON), every=data.draw(st.integers(1, 9)))
    assert facts_in_the_end(run.outcomes) == facts(events, END)
    assert run.ledger.matches.counts.corrected == changed(events)
    assert run.ledger.matches.counts.contested.keys() <= {"reason"}
    assert moved or run.emitted() == LedgerRun(events, Ledger(ON)).emitted()


@given(st.data())
def test_in_any_order_in_time_the_greatest_version_holds_and_nothing_else_is_told(
    data: st.DataObject,
) -> None:
    in_time_law(Ledger, data)


def late_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(corrected_worlds())
    log = data.draw(late_orders(events))
    run = LedgerRun(log, ledger(ON), every=data.draw(st.integers(1, 9)))
    assert run.rejected == []
    assert facts_in_the_end(run.outcomes) == facts(events, END)
    assert run.emitted() == LedgerRun(log, Ledger(ON)).emitted()
    revisions: dict[str, int] = {}
    for alert in run.alerts:
        assert alert.revision == revisions.get(alert.alert_id, 0) + 1
        revisions[alert.alert_id] = alert.revision


@given(st.data())
def test_a_late_correction_leads_to_where_one_in_time_leads(data: st.DataObject) -> None:
    late_law(Ledger, data)


class BelievesWhatCameFirst(Ledger):
    """Lets the claim that arrived first hold, whatever version it is."""

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        return super()._add_sale(account_id, structs.replace(event, version=None), at)


class BelievesWhatCameLast(Ledger):
    """Takes the order of arrival for that of versions."""

    _number = 0

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        self._number += 1
        return super()._add_sale(account_id, structs.replace(event, version=self._number), at)


class NeverTakesBack(Claims):
    """Leaves what was said of the former seller as it was."""

    def _replace(
        self, account_id: AccountId, known: SaleRecord, claim: SaleRecord, watermark: Seconds
    ) -> None:
        del account_id, watermark
        claim.verdicts, claim.revisions = known.verdicts, known.revisions
        self._settlement.close(known)


class LeavesTheFormerSeller(Ledger):
    """Tells the new seller, and leaves with the former one what was told of them."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.claims.__class__ = NeverTakesBack


class ForgetsWhatWasCorrected(Ledger):
    """Counts a correction anew for every version."""

    def _add_sale(self, account_id: AccountId, event: Sale, at: Seconds) -> bool:
        known = self._accounts.get(account_id, Account())
        for one in known.sales:
            one.corrected = 0
        return super()._add_sale(account_id, event, at)


@pytest.mark.parametrize(
    "broken", [BelievesWhatCameFirst, BelievesWhatCameLast, ForgetsWhatWasCorrected]
)
def test_the_law_of_corrections_in_time_catches(broken: type[Ledger]) -> None:
    assert refuted(in_time_law, broken)


@pytest.mark.parametrize("broken", [LeavesTheFormerSeller, BelievesWhatCameFirst, NeverCorrects])
def test_the_law_of_late_corrections_catches(broken: type[Ledger]) -> None:
    assert refuted(late_law, broken)


def same_law(ledger: type[Ledger], data: st.DataObject) -> None:
    events = data.draw(corrected_worlds())
    log = data.draw(st.one_of(orders(events), late_orders(events)))
    chosen = structs.replace(PLAIN, corrections=data.draw(st.sampled_from([BELIEVED, OFF])))
    sizes = data.draw(st.lists(st.integers(1, 30), max_size=5))
    told = Told(ledger(chosen)).in_blocks(log, sizes)
    assert told.everything() == Told(Ledger(chosen)).one_by_one(log).everything()


OFF: Final = CorrectionSettings()


@given(st.data())
def test_columns_and_objects_tell_the_same_of_corrections(data: st.DataObject) -> None:
    same_law(Ledger, data)


class ReadsNoVersions(Ledger):
    """Joins every line in columns, where no version is kept."""

    @property
    def numbers(self) -> tuple[str, ...]:
        return super().numbers[:-1]


def test_that_law_catches() -> None:
    assert refuted(same_law, ReadsNoVersions)


def version(number: int | None, agent: str | None, hours: float = 0) -> Sale:
    one = sale(hours, agent=agent, event_id=f"version {number} by {agent} at {hours}")
    return structs.replace(one, version=number)


def told_by(events: Sequence[AnyEvent], settings: Settings = ON) -> list[ContestedSale]:
    ledger = Ledger(settings)
    for event in events:
        ledger.apply(event)
    return ledger.drain().bundle.contested


def test_everybody_whom_a_version_names_hears_of_it_once() -> None:
    claims = [version(None, "anna"), version(2, "boris"), version(3, None), version(4, "boris")]
    for order in permutations(claims):
        told = told_by([*order, *order])
        assert sorted(one.agent_id for one in told) == ["anna", "boris"]
        assert all(one.about == "corrected" and one.known_at == START.timestamp() for one in told)


def test_a_correction_settles_what_was_contested_and_is_contested_by_its_own_version_only() -> None:
    ledger = Ledger(ON)
    for event in (version(1, "anna"), version(1, "chen"), version(2, "boris")):
        ledger.apply(event)
    [known] = ledger.objects[AccountId("a")].sales
    assert (known.agent_id, known.contested, known.claimants) == ("boris", 0, ())
    ledger.apply(version(1, "dora"))
    assert known.contested == 0
    ledger.apply(version(2, "dora"))
    assert (known.agent_id, known.claimants) == ("boris", ("dora",))
    assert ledger.matches.counts.contested == {"agent_id": 2}


def test_outcomes_and_the_alert_of_an_account_move_to_the_seller_whom_a_correction_names() -> None:
    """Late: the window has passed, and both were told."""
    patient = structs.replace(ON, time=TimeSettings(corrections_for="10d"))
    log: list[AnyEvent] = [
        version(1, "anna"),
        activity(140, "b"),
        activity(141, "c"),
        version(2, "boris"),
    ]
    run = LedgerRun(log, Ledger(patient))
    told = [(one.agent_id, one.verdict.name) for one in run.of("unused_account")]
    assert told == [("anna", "BAD"), ("anna", "EXCLUDED"), ("boris", "BAD")]
    assert [(one.revision, one.status, one.agent_id) for one in run.alerts] == [
        (1, "open", "anna"),
        (2, "withdrawn", "anna"),
        (3, "open", "boris"),
    ]
    assert len({one.alert_id for one in run.alerts}) == 1


def test_where_versions_are_not_believed_one_is_a_contradiction_and_is_counted() -> None:
    ledger = Ledger(SETTINGS)
    for event in (version(1, "anna"), version(2, "boris"), version(2, "boris"), cancellation(1)):
        ledger.apply(event)
    [known] = ledger.objects[AccountId("a")].sales
    assert (known.agent_id, known.version) == ("anna", 1)
    counts = ledger.matches.counts
    assert (counts.contested, counts.corrected, counts.unheeded) == ({"agent_id": 1}, {}, 1)


def test_no_sender_fills_the_memory_with_names() -> None:
    claims = [version(number, f"agent {number}") for number in range(1, 40)]
    assert len(told_by(claims)) == 9


def test_a_corrected_time_moves_the_window() -> None:
    run = LedgerRun([version(1, "anna"), version(2, "anna", 2)], Ledger(ON))
    assert {one.matured_at for one in run.of("unused_account")} == {
        at(2).timestamp() + run.ledger._settlement.windows[-1]  # noqa: SLF001 - how long
    }
    assert AgentId("anna") in {one.agent_id for one in run.outcomes}
