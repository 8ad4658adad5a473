"""The batch rule: sales alike, of one agent and one day, are one trial."""

from collections import defaultdict
from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.agents.gathering.gathering import DayBatch, Gathering, GatheringState
from detectors.agents.gathering.order import canonical
from detectors.basis.event_time import DAY, Day, Seconds, end_of_day, start_of_day
from detectors.basis.identifiers import AccountId, AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle
from tests.detectors.agents.gathering.broken_gatherings import (
    CorrectsIdenticalSales,
    CountsIdenticalSales,
    KeepsTheFirstToArrive,
    TakesTheBadOne,
)
from tests.detectors.refutation import refuted

PATTERN = PatternName("p")
ANNA = AgentId("anna")
KEPT = 5
LAST_DAY = 9
Gatherings = Callable[[], Gathering]


def gathering() -> Gathering:
    return Gathering([PATTERN], 2, KEPT)


@st.composite
def histories(draw: st.DrawFn) -> list[Outcome]:
    """Draw outcomes of a few sales, many of them alike, and what late events say of some later."""
    sent: list[Outcome] = []
    for number in range(draw(st.integers(1, 10))):
        matured = draw(st.integers(0, 5)) / 2
        sale = Outcome(
            PATTERN,
            SaleId(f"sale {number}"),
            draw(st.sampled_from((ANNA, AgentId("boris"), None))),
            Cell("card"),
            Seconds(matured * DAY),
            Seconds(matured * DAY),
            draw(st.sampled_from((Verdict.GOOD, Verdict.BAD))),
            account_id=AccountId(f"account {number}"),
            batch=draw(st.integers(0, 2)),
        )
        sent.append(sale)
        if draw(st.booleans()):
            after = draw(st.integers(1, 8)) / 2 + 0.1
            known = (matured + after) * DAY
            to = draw(st.sampled_from((Verdict.GOOD, Verdict.BAD, Verdict.EXCLUDED)))
            sent.append(
                msgspec.structs.replace(sale, known_at=known, verdict=to, before=sale.verdict)
            )
    return sent


def popped(make: Gatherings, sent: list[Outcome], data: st.DataObject) -> dict[Day, DayBatch]:
    """Pop all days; each ledger sends in time, some of it twice, in an order that is drawn."""
    gathered = make()
    days: dict[Day, DayBatch] = {}
    for day in range(LAST_DAY + 1):
        for ledger in data.draw(st.permutations((0, 1))):
            known = [
                outcome
                for outcome in sent
                if outcome.known_at // DAY == day and len(outcome.sale_id) % 2 == ledger
            ]
            known = data.draw(st.permutations(known))
            if data.draw(st.booleans()):
                gathered.receive(OutcomeBundle(ledger, start_of_day(Day(day)), known))
                known = [o for o in known if o.before or o.known_at > o.matured_at]
            gathered.receive(OutcomeBundle(ledger, end_of_day(Day(day)), known))
        days[Day(day)] = gathered.pop(Day(day)).get(PATTERN, DayBatch())
        if data.draw(st.booleans()):
            saved = msgspec.msgpack.encode(gathered.state)
            gathered = make()
            gathered.restore(msgspec.msgpack.decode(saved, type=GatheringState))
    return days


def batch_law(make: Gatherings, data: st.DataObject) -> None:
    sent = data.draw(histories())
    days = popped(make, sent, data)
    standing = _as_of_its_day(sent)
    trials = defaultdict(list)
    for outcome in sorted(standing, key=canonical):
        key = outcome.batch or outcome.sale_id
        trials[outcome.matured_at // DAY, outcome.agent_id, key].append(outcome)
    firsts = {alike[0].sale_id for alike in trials.values()}
    for day in range(LAST_DAY + 1):
        batch = days.get(Day(day), DayBatch())
        expected = [o for o in standing if o.matured_at // DAY == day and o.sale_id in firsts]
        assert batch.fresh == sorted(expected, key=canonical)
        assert {outcome.sale_id for outcome, _ in batch.corrections} == {
            change.sale_id
            for change in sent
            if change.before
            and change.known_at // DAY == day > change.matured_at // DAY
            and change.verdict is not change.before
            and change.sale_id in firsts
        }


def _as_of_its_day(sent: list[Outcome]) -> list[Outcome]:
    """Return what stood of each sale at the end of the day on which it matured."""
    standing = {outcome.sale_id: outcome for outcome in sent if not outcome.before}
    for change in sent:
        if change.before and change.known_at // DAY == change.matured_at // DAY:
            if change.verdict is Verdict.EXCLUDED:
                del standing[change.sale_id]
            elif change.verdict is not change.before:
                standing[change.sale_id] = change
    return list(standing.values())


@given(st.data())
def test_of_sales_alike_the_canonically_first_counts_and_only_it_is_corrected(
    data: st.DataObject,
) -> None:
    batch_law(gathering, data)


@pytest.mark.parametrize(
    "broken", [CountsIdenticalSales, KeepsTheFirstToArrive, TakesTheBadOne, CorrectsIdenticalSales]
)
def test_that_law_catches(broken: type[Gathering]) -> None:
    assert refuted(batch_law, lambda: broken([PATTERN], 2, KEPT))


def test_a_late_event_about_a_duplicate_changes_nothing_however_it_ends() -> None:
    sale = Outcome(
        PATTERN,
        SaleId("s"),
        ANNA,
        Cell("card"),
        Seconds(1.0),
        Seconds(1.0),
        Verdict.GOOD,
        account_id=AccountId("a"),
        batch=7,
    )
    duplicate = msgspec.structs.replace(sale, matured_at=2.0, known_at=2.0, account_id="b")
    gathered = Gathering([PATTERN], 1, KEPT)
    gathered.receive(OutcomeBundle(0, Seconds(DAY), [sale, duplicate]))
    assert gathered.pop(Day(0))[PATTERN].fresh == [sale]
    for day, before, after in (
        (1, Verdict.GOOD, Verdict.EXCLUDED),
        (2, Verdict.EXCLUDED, Verdict.BAD),
    ):
        known = msgspec.structs.replace(
            duplicate, known_at=(day + 0.5) * DAY, verdict=after, before=before
        )
        gathered.receive(OutcomeBundle(0, end_of_day(Day(day)), [known]))
        assert gathered.pop(Day(day)) == {}


def test_duplicates_are_forgotten_when_they_can_no_longer_be_corrected() -> None:
    gathered = Gathering([PATTERN], 1, KEPT)
    for day in range(100):
        sales = [
            Outcome(
                PATTERN,
                SaleId(f"{n}"),
                ANNA,
                Cell(""),
                start_of_day(Day(day)),
                start_of_day(Day(day)),
                Verdict.GOOD,
                batch=1,
            )
            for n in range(3)
        ]
        gathered.receive(OutcomeBundle(0, end_of_day(Day(day)), sales))
        assert len(gathered.pop(Day(day))[PATTERN].fresh) == 1
    assert sum(map(len, gathered.state.identical_sales.values())) == 2 * (KEPT + 1)
