from bisect import bisect_left

from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, Cell, SaleId
from detectors.events.event import CancellationReason, Initiator
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.cancelling import UNREADABLE_REFUND, CancellationRecord
from detectors.facts.forgetting import forget
from detectors.facts.uses import any_within

SALE = SaleId("s")
CELL = Cell("p")

INITIATORS: tuple[Initiator, ...] = ("customer", "agent", "system")
REASONS: tuple[CancellationReason, ...] = ("returned", "duplicate")
TIMES = st.integers(0, 60).map(float)
CANCELLATIONS = st.lists(
    st.builds(
        CancellationRecord,
        st.just("s"),
        st.sampled_from("abc"),
        TIMES,
        st.sampled_from(REASONS),
        st.sampled_from(INITIATORS),
        st.sampled_from((None, 0.25, UNREADABLE_REFUND)),
        st.sampled_from((None, AgentId("anna"))),
    ),
    max_size=8,
)


@given(st.lists(TIMES, max_size=20), st.integers(0, 30), st.integers(0, 30), TIMES)
def test_thinned_uses_answer_every_window_at_least_the_span(
    uses: list[float], span: int, more: int, start: float
) -> None:
    account = Account()
    for at in uses:
        account.add_use(Seconds(at), span)
    end = start + span + more
    assert any_within(account.uses, Seconds(start), Seconds(end)) == any(
        start <= at <= end for at in uses
    )
    kept = account.uses
    assert list(kept) == sorted(set(kept))
    assert all(after - before > span for before, after in zip(kept, kept[2:], strict=False))


@given(st.lists(st.floats(1.6e9, 1.7e9), max_size=20), st.floats(0.1, 1e7), st.data())
def test_thinning_is_exact_for_times_with_fractions(
    uses: list[float], span: float, data: st.DataObject
) -> None:
    account = Account()
    for at in uses:
        account.add_use(Seconds(at), span)
    start = data.draw(st.one_of(st.floats(1.6e9, 1.7e9), st.sampled_from([*uses, 1.65e9])))
    end = start + span
    assert any_within(account.uses, Seconds(start), Seconds(end)) == any(
        start <= at <= end for at in uses
    )


@given(st.lists(TIMES, max_size=12), st.integers(0, 30))
def test_uses_kept_do_not_answer_otherwise_in_another_order(uses: list[float], span: int) -> None:
    one, other = Account(), Account()
    for at in uses:
        one.add_use(Seconds(at), span)
    for at in reversed(uses):
        other.add_use(Seconds(at), span)
    for start in range(60):
        assert any_within(one.uses, Seconds(start), Seconds(start + span)) == any_within(
            other.uses, Seconds(start), Seconds(start + span)
        )


@given(CANCELLATIONS, st.integers(0, 60), st.integers(1, 20), st.integers(0, 20), st.integers(0, 8))
def test_thinned_cancellations_answer_as_all_of_them(
    cancellations: list[CancellationRecord], sold: int, span: int, more: int, before: int
) -> None:
    account = Account()
    for number, record in enumerate(cancellations):
        if number == before:
            account.sales = (SaleRecord(SALE, "e", Seconds(float(sold)), None, "p", CELL),)
        account.add_cancellation(record, span)
    since, end = Seconds(sold - span - more), Seconds(sold + span + more)
    everything = {c for c in cancellations if since <= c.at <= end}
    kept = list(account.cancellations_of(SALE, since, end))
    assert set(kept) <= everything
    # What is dropped lies behind a whole one that says the same, and so changes neither what undid
    # the sale, whatever excuses some of them...
    for said in {(c.initiated_by, c.reason, c.agent_id) for c in everything}:
        same = [c for c in everything if (c.initiated_by, c.reason, c.agent_id) == said]
        first = min([(c.at, c.event_id) for c in same if c.refund is None], default=(1e9, ""))
        before_it = {c for c in same if (c.at, c.event_id) <= first}
        assert before_it <= set(kept)
    assert kept == sorted(kept, key=_time_and_id)
    # ... nor whether its customer did.
    assert account.cancelled_by_customer(SALE, since, end) == any(
        c.initiated_by == "customer" for c in everything
    )


@given(CANCELLATIONS)
def test_a_cancellation_told_again_changes_nothing(cancellations: list[CancellationRecord]) -> None:
    account = Account()
    for record in cancellations:
        account.add_cancellation(record, 5.0)
    before = account.cancellations
    assert not any(account.add_cancellation(record, 5.0) for record in cancellations)
    assert account.cancellations == before


@given(
    st.lists(TIMES, max_size=12),
    st.lists(TIMES, max_size=4),
    st.integers(0, 80),
    st.integers(0, 14),
)
def test_forgetting_changes_no_answer_about_what_is_still_accepted(
    uses: list[float], sales: list[float], accepted_since: int, forgiven: int
) -> None:
    longest = 15.0
    account, all_uses = Account(), sorted(uses)
    account.sales = tuple(
        SaleRecord(SaleId(f"s{at}"), "e", Seconds(at), None, "p", CELL) for at in sales
    )
    for at in uses:
        account.add_use(Seconds(at), longest)
    forget(account, Seconds(accepted_since), longest, forgiven)
    kept = [sale.at for sale in account.sales]
    assert kept == [at for at in sales if at + longest >= accepted_since]
    for start in {*kept, *map(float, range(accepted_since, 80))}:
        since = start - forgiven
        place = bisect_left(all_uses, since)
        used = place < len(all_uses) and all_uses[place] <= start + longest
        assert any_within(account.uses, Seconds(since), Seconds(start + longest)) == used


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from(Verdict)), max_size=30))
def test_a_sale_remembers_a_verdict_for_each_pattern(given_: list[tuple[int, Verdict]]) -> None:
    sale = SaleRecord(SALE, "e", Seconds(0.0), None, "p", CELL)
    expected = dict.fromkeys(range(21), Verdict.PENDING)
    for index, verdict in given_:
        sale.set_verdict(index, verdict)
        expected[index] = verdict
    assert {index: sale.verdict(index) for index in range(21)} == expected
    assert all(sale.is_pending(n) == (expected[n] is Verdict.PENDING) for n in range(21))


@given(
    st.lists(
        st.tuples(TIMES, st.sampled_from((None, "anna", "boris")), st.booleans()), max_size=12
    ),
    st.integers(0, 30),
    TIMES,
    st.data(),
)
def test_other_uses_are_told_apart_and_thinned_in_any_order(
    uses: list[tuple[float, str | None, bool]], span: int, sold: float, data: st.DataObject
) -> None:
    sale = SaleRecord(SALE, "e", Seconds(sold), AgentId("anna"), "p", CELL)
    accounts = [Account(sales=(sale,)), Account(sales=(sale,))]
    for account, order in zip(accounts, (uses, data.draw(st.permutations(uses))), strict=True):
        for at, agent, is_certain in order:
            by = None if agent is None else AgentId(agent)
            account.add_other_use(Seconds(at), span, by, is_certain=is_certain)
    end = Seconds(sold + span)
    for account in accounts:
        for is_certain, found in (
            (True, account.used_with_help(sale, sale.at, end)),
            (False, account.perhaps_used(sale, sale.at, end)),
        ):
            assert found == any(
                sold <= at <= end and agent != "anna" and certain is is_certain
                for at, agent, certain in uses
            )


def _time_and_id(record: CancellationRecord) -> tuple[float, str]:
    return (record.at, record.event_id)
