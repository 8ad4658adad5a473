import msgspec

from detectors.agents.gathering.gathering import Gathering, GatheringState
from detectors.basis.event_time import DAY, Day, Seconds, end_of_day, start_of_day
from detectors.basis.identifiers import AccountId, AgentId, Cell, PatternName, SaleId
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome, OutcomeBundle

PATTERN = PatternName("p")
KEPT = 5


def outcome(
    matured: float,
    verdict: Verdict = Verdict.GOOD,
    *,
    known: float | None = None,
    before: Verdict = Verdict.PENDING,
    sale_id: str = "s",
    account: str = "a",
    agent: str | None = "anna",
) -> Outcome:
    """Return an outcome of a sale that matured, and became known, after so many days."""
    known_at = (matured if known is None else known) * DAY
    return Outcome(
        PATTERN,
        SaleId(sale_id),
        None if agent is None else AgentId(agent),
        Cell("card"),
        Seconds(matured * DAY),
        Seconds(known_at),
        verdict,
        (),
        before,
        AccountId(account),
    )


def gathering(*sent: tuple[float, list[Outcome]], ledger: int = 0, ledgers: int = 1) -> Gathering:
    gathered = Gathering([PATTERN], ledgers, KEPT)
    for until, outcomes in sent:
        gathered.receive(OutcomeBundle(ledger, Seconds(until * DAY), outcomes))
    return gathered


def test_ties_are_broken_by_a_hash_and_not_by_the_order_of_ids_or_of_arrival() -> None:
    outcomes = [outcome(1.5, sale_id=f"sale {number}") for number in range(20)]
    batch = gathering((3, outcomes)).pop(Day(1))[PATTERN]
    assert batch.fresh == gathering((3, outcomes[::-1])).pop(Day(1))[PATTERN].fresh
    assert sorted(batch.fresh, key=lambda sent: sent.sale_id) != batch.fresh
    assert len(batch.fresh) == 20


def test_one_sale_id_on_two_accounts_is_two_outcomes() -> None:
    outcomes = [outcome(1.5, account="a"), outcome(1.5, account="b")]
    assert len(gathering((3, outcomes)).pop(Day(1))[PATTERN].fresh) == 2


def test_what_was_sent_in_time_is_popped_once_however_often_it_is_sent() -> None:
    first = outcome(1.5)
    sent_twice = gathering((1, [first]), (1, [first]), (3, [first]), (3, [first]), (2, [first]))
    assert sent_twice.pop(Day(1))[PATTERN].fresh == [first]
    sent_later = gathering((3, [first]))
    assert sent_later.pop(Day(1))[PATTERN].fresh == [first]
    sent_later.receive(OutcomeBundle(0, start_of_day(Day(2)), [first]))
    assert sent_later.pop(Day(2)) == {}


def test_a_correction_of_the_same_day_replaces_the_outcome() -> None:
    first = outcome(1.5, Verdict.BAD)
    second = outcome(1.5, Verdict.GOOD, known=1.7, before=Verdict.BAD)
    batch = gathering((3, [first, second])).pop(Day(1))[PATTERN]
    assert (batch.fresh, batch.corrections) == ([second], [])
    taken_back = outcome(1.5, Verdict.EXCLUDED, known=1.7, before=Verdict.BAD)
    assert gathering((3, [first, taken_back])).pop(Day(1))[PATTERN].fresh == []


def test_a_correction_of_a_later_day_names_what_it_replaces() -> None:
    second = outcome(1.5, Verdict.GOOD, known=2.7, before=Verdict.BAD)
    gathered = gathering((3, [outcome(1.5, Verdict.BAD), second]))
    assert len(gathered.pop(Day(1))[PATTERN].fresh) == 1
    batch = gathered.pop(Day(2))[PATTERN]
    assert (batch.fresh, batch.corrections) == ([], [(second, Verdict.BAD)])


def test_of_several_changes_on_one_day_the_last_counts_and_the_first_says_what_it_replaces() -> (
    None
):
    changes = [
        outcome(1.5, Verdict.BAD, known=4.1, before=Verdict.GOOD),
        outcome(1.5, Verdict.EXCLUDED, known=4.2, before=Verdict.BAD),
    ]
    for sent in ([*changes], [*changes, *changes], [changes[0], *changes]):
        gathered = gathering((4, []), (4.3, sent), (5, []))
        assert gathered.pop(Day(4))[PATTERN].corrections == [(changes[1], Verdict.GOOD)]


def test_changes_that_end_where_they_began_are_none() -> None:
    changes = [
        outcome(1.5, Verdict.BAD, known=4.1, before=Verdict.GOOD),
        outcome(1.5, Verdict.GOOD, known=4.2, before=Verdict.BAD),
    ]
    batch = gathering((4, []), (5, changes)).pop(Day(4))[PATTERN]
    assert (batch.fresh, batch.corrections) == ([], [])


def test_a_change_that_is_sent_again_days_later_is_recognised() -> None:
    change = outcome(1.5, Verdict.BAD, known=4.1, before=Verdict.GOOD)
    gathered = gathering((4, []), (5, [change]))
    assert len(gathered.pop(Day(4))[PATTERN].corrections) == 1
    for day in range(5, 30):
        gathered.receive(OutcomeBundle(0, end_of_day(Day(day)), [change]))
        assert gathered.pop(Day(day)) == {}


def test_a_sale_that_came_late_is_judged_on_the_day_it_became_known() -> None:
    late = outcome(1.5, Verdict.BAD, known=4.1)
    gathered = gathering((4, []), (5, [late]))
    assert gathered.pop(Day(4))[PATTERN].fresh == [late]


def test_two_agents_claims_about_one_sale_are_kept_apart() -> None:
    taken = outcome(1.5, Verdict.EXCLUDED, known=4.1, before=Verdict.BAD, agent="anna")
    given = outcome(1.4, Verdict.BAD, known=4.1, agent="boris")
    batch = gathering((4, []), (5, [taken, given])).pop(Day(4))[PATTERN]
    assert batch.corrections == [(taken, Verdict.BAD)]
    assert batch.fresh == [given]


def test_a_day_is_complete_when_the_last_ledger_has_passed_it() -> None:
    gathered = gathering((9, []), ledgers=2)
    assert gathered.complete_until() < 0
    gathered.receive(OutcomeBundle(1, start_of_day(Day(4))))
    assert gathered.complete_until() == 4 * DAY


def test_the_first_day_is_that_of_the_first_outcome_or_the_last_complete_one() -> None:
    assert gathering((9, [])).first_day() == 8
    assert gathering((9, [outcome(12.0), outcome(3.5)])).first_day() == 3


def test_what_was_late_is_forgotten_in_the_end() -> None:
    gathered = gathering((0, []))
    for day in range(200):
        late = outcome(day, Verdict.BAD, known=day + 0.5, sale_id=f"sale {day}")
        gathered.receive(OutcomeBundle(0, end_of_day(Day(day)), [late]))
        gathered.pop(Day(day))
    assert len(gathered.state.late) <= KEPT + 1
    assert gathered.state.on_time == {"p": []}


def test_a_restored_gathering_goes_on_as_if_nothing_had_happened() -> None:
    gathered = gathering((4, [outcome(4.9), outcome(4.5)]))
    gathered.receive(OutcomeBundle(0, start_of_day(Day(4)), [outcome(1.5, Verdict.BAD, known=4.2)]))
    again = Gathering([PATTERN], 1, KEPT)
    saved = msgspec.msgpack.encode(gathered.state)
    again.restore(msgspec.msgpack.decode(saved, type=GatheringState))
    for one in (gathered, again):
        one.receive(OutcomeBundle(0, start_of_day(Day(5)), [outcome(4.7)]))
    assert again.pop(Day(4)) == gathered.pop(Day(4))
