"""Law 1 for commissions: order, repeats and restarts change nothing of what is told of a sale."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import DAY, Day, Seconds
from detectors.basis.identifiers import AccountId, AgentId, SaleId
from detectors.commission.action import CommissionAction
from detectors.commission.book import CommissionBook
from detectors.commission.course import BookState
from detectors.facts.account import Verdict
from detectors.messages.commissions import CommissionFact, OpenCritical, Phase
from detectors.sight.stretch import EVERYTHING_SEEN, EVERYWHERE, Blindness, Stretch
from tests.detectors.commission.broken import (
    ForgetsWhatItTold,
    GoesByArrival,
    HoldsWhatWasReleased,
    RepeatsItself,
    SeesEverything,
)
from tests.detectors.refutation import refuted

WINDOW = 3
KEPT = 10
LAST = 16
DAYS = range(LAST)


def fact(
    phase: Phase = "made",
    verdict: Verdict = Verdict.GOOD,
    known: float = 0.5,
    *,
    sale: int = 0,
    agent: str = "anna",
    sold: float = 0.5,
    revision: int = 0,
    amount: float | None = 7.5,
) -> CommissionFact:
    """Return what is known of a sale; times are in days."""
    return CommissionFact(
        AccountId(f"account {sale}"),
        SaleId(f"sale {sale}"),
        phase,
        revision,
        Seconds(known * DAY),
        AgentId(agent),
        Seconds(sold * DAY),
        Seconds((sold + WINDOW) * DAY),
        verdict,
        amount,
    )


def kept(**changed: float) -> CommissionFact:
    return fact("due", known=changed.get("sold", 0.5) + WINDOW, **changed)  # type: ignore[arg-type] # numbers of days


def alert(since: int = 0, agent: str = "anna", name: str = "x") -> OpenCritical:
    return OpenCritical(AgentId(agent), Day(since), name)


def book(kind: type[CommissionBook] = CommissionBook) -> CommissionBook:
    return kind(f"{WINDOW}d", 3_600.0, KEPT, "hash")


class Days:
    """What becomes known on each day, and what is open and seen at its end."""

    def __init__(self, *facts: CommissionFact) -> None:
        self.facts = facts
        self.critical: dict[int, list[OpenCritical]] = {}
        self.blind: dict[int, Blindness] = {}

    def told(self, kind: type[CommissionBook] = CommissionBook) -> list[tuple[int, str]]:
        """Return what is told of them, each with its day."""
        own = book(kind)
        return [
            (day, f"{one.action} {one.alert_id or one.agent_id}")
            for day in DAYS
            for one in own.decide(Day(day), self.on(day), self.open(day), self.seen(day))
        ]

    def on(self, day: int) -> list[CommissionFact]:
        return [one for one in self.facts if one.known_at // DAY == day]

    def open(self, day: int) -> list[OpenCritical]:
        return sorted(self.critical.get(day, []))

    def seen(self, day: int) -> Blindness:
        return self.blind.get(day, EVERYTHING_SEEN)


def test_a_commission_is_released_when_its_window_has_passed_well() -> None:
    assert Days(fact(), kept()).told() == [(3, "release anna")]


def test_a_product_that_came_back_takes_its_commission_with_it() -> None:
    assert Days(fact(), fact("due", Verdict.BAD, 3.5)).told() == [(3, "claw_back anna")]


def test_an_alert_holds_what_it_covers_until_it_ends() -> None:
    days = Days(fact(), kept(), fact(sale=1, agent="bob"), kept(sale=1.0))
    days.critical = {day: [alert()] for day in range(2, 6)}
    assert (2, "hold x") in days.told()
    assert [told for told in days.told() if "bob" not in told[1]] == [
        (2, "hold x"),
        (6, "release anna"),
    ]


def test_an_alert_that_ends_while_the_window_is_open_leaves_nothing() -> None:
    days = Days(fact())
    days.critical = {1: [alert()]}
    assert days.told() == [(1, "hold x"), (2, "none anna")]


def test_an_alert_covers_nothing_from_before_its_episode() -> None:
    days = Days(fact(), fact(sale=1, sold=1.5, known=1.5))
    days.critical = {day: [alert(since=1)] for day in DAYS}
    assert days.told() == [(1, "hold x")]


def test_what_was_released_is_not_held_and_what_was_held_stays_with_its_alert() -> None:
    days = Days(fact(), kept(), fact(sale=1, sold=4.5, known=4.5))
    days.critical = {day: [alert(name="b")] for day in range(5, 9)}
    days.critical |= {day: [alert(name="a"), alert(name="b")] for day in range(6, 9)}
    expected = [(3, "release anna"), (5, "hold b"), (9, "none anna")]
    assert days.told() == expected
    assert days.told(HoldsWhatWasReleased) != expected


def test_a_correction_takes_a_release_back_and_follows_the_seller() -> None:
    gone = fact(verdict=Verdict.EXCLUDED, known=5.5, revision=1)
    bob = fact(agent="bob", known=5.5, revision=2)
    due = fact("due", agent="bob", known=5.5, revision=2)
    back = fact("due", Verdict.BAD, 6.5, agent="bob", revision=3)
    assert Days(fact(), kept(), due, bob, gone, back).told() == [
        (3, "release anna"),
        (5, "release bob"),
        (6, "claw_back bob"),
    ]
    assert Days(fact(), kept(), gone).told() == [(3, "release anna"), (5, "none None")]


def test_another_amount_is_another_state() -> None:
    days, own = Days(fact(), kept(), fact(amount=9.0, known=5.5, revision=1)), book()
    [first, second] = [
        action for day in DAYS for action in own.decide(Day(day), days.on(day), [], EVERYTHING_SEEN)
    ]
    assert (first.amount, second.amount, second.revision) == (7.5, 9.0, 2)


def test_what_nobody_can_tell_is_said() -> None:
    unclear = fact("due", Verdict.EXCLUDED, 3.5)
    assert Days(fact(), unclear).told() == [(3, "none anna")]


BLIND = Blindness((Stretch("cancellation", EVERYWHERE, Day(1), Day(3), Day(2)),))
DARK = Blindness((), (Stretch("cancellation", EVERYWHERE, Day(1)),))
ELSEWHERE = Blindness((Stretch("account_activity", EVERYWHERE, Day(1)),))


def blindness_law(kind: type[CommissionBook]) -> None:
    days = Days(fact(), kept())
    days.blind = dict.fromkeys(DAYS, BLIND)
    assert days.told(kind) == [(3, "none anna")]
    days.blind = dict.fromkeys(DAYS, DARK)
    assert days.told(kind) == [(3, "release anna")]
    days.blind = dict.fromkeys(range(6), DARK) | dict.fromkeys(range(6, LAST), BLIND)
    assert days.told(kind) == [(3, "release anna"), (6, "none anna")]
    days.blind = dict.fromkeys(range(5, LAST), BLIND)
    assert days.told(kind) == [(3, "release anna"), (5, "none anna")]
    days.blind = dict.fromkeys(range(5, LAST), DARK)
    assert days.told(kind) == [(3, "release anna")]
    days.blind = dict.fromkeys(DAYS, ELSEWHERE)
    assert days.told(kind) == [(3, "release anna")]
    # What was seen counts, whatever else was not.
    days = Days(fact(), fact("due", Verdict.BAD, 3.5))
    days.blind = dict.fromkeys(DAYS, BLIND)
    assert days.told(kind) == [(3, "claw_back anna")]


def test_a_release_rests_on_no_absence_that_could_not_be_seen() -> None:
    blindness_law(CommissionBook)
    with pytest.raises(AssertionError):
        blindness_law(SeesEverything)


def test_a_sale_is_forgotten_unless_it_is_held() -> None:
    own = book()
    days = Days(fact(), kept(), fact(sale=1, agent="bob"))
    days.critical = {day: [alert(agent="bob")] for day in range(1, 13)}
    left: list[tuple[int, int]] = []
    for day in DAYS:
        own.decide(Day(day), days.on(day), days.open(day), EVERYTHING_SEEN)
        left.append((len(own), own.held()))
    assert left[9:11] == [(2, 1), (1, 1)]
    assert left[12:14] == [(1, 1), (0, 0)]


@st.composite
def histories(draw: st.DrawFn) -> Days:
    """Return what ledgers tell of a few sales, corrections among it, and what else is known."""
    told: list[CommissionFact] = []
    for sale in range(draw(st.integers(1, 4))):
        known = sold = draw(st.integers(0, 4)) + 0.5
        for revision in range(draw(st.integers(1, 4))):
            agent = draw(st.sampled_from(["anna", "bob"]))
            good = draw(st.sampled_from([Verdict.GOOD, Verdict.GOOD, Verdict.EXCLUDED]))
            amount = draw(st.sampled_from([7.5, 9.0, None]))
            same = {"sale": sale, "agent": agent, "sold": sold, "revision": revision}
            told.append(fact("made", good, known, amount=amount, **same))  # type: ignore[arg-type] # as drawn
            verdict = draw(st.sampled_from([Verdict.GOOD, Verdict.BAD, Verdict.EXCLUDED]))
            due = max(known, sold + WINDOW)
            told.append(fact("due", verdict, due, amount=amount, **same))  # type: ignore[arg-type] # as drawn
            known += draw(st.integers(0, 3))
    days = Days(*told)
    for day in DAYS:
        some = draw(st.lists(st.sampled_from(ALERTS), unique=True, max_size=2))
        days.critical[day] = some
        days.blind[day] = draw(st.sampled_from([EVERYTHING_SEEN, EVERYTHING_SEEN, DARK, BLIND]))
    return days


ALERTS: Sequence[OpenCritical] = [alert(), alert(3, name="y"), alert(1, "bob", "z")]


def replay_law(kind: type[CommissionBook], data: st.DataObject) -> None:
    """Neither order nor repeats nor restarts matter, and there is one current state a sale."""
    days = data.draw(histories())
    plain, other = book(), book(kind)
    told = dict[str, CommissionAction]()
    for day in DAYS:
        known = (days.open(day), days.seen(day))
        expected = plain.decide(Day(day), days.on(day), *known)
        before = [one for one in days.facts if one.known_at // DAY <= day]
        repeated = data.draw(st.lists(st.sampled_from(before), max_size=3)) if before else []
        shuffled = data.draw(st.permutations([*days.on(day), *days.on(day)]))
        if day < KEPT:  # what is forgotten is not sent again: nothing waits so long
            shuffled += repeated
        assert other.decide(Day(day), shuffled, *known) == expected
        for one in expected:
            last = told.get(one.commission_id)
            assert one.revision == (1 if last is None else last.revision + 1)
            told[one.commission_id] = one
        if data.draw(st.booleans()):
            saved = msgspec.msgpack.encode(other.snapshot())
            other = book(kind)
            other.restore(msgspec.msgpack.decode(saved, type=BookState))


@given(data=st.data())
def test_order_repeats_and_restarts_change_nothing(data: st.DataObject) -> None:
    replay_law(CommissionBook, data)


@pytest.mark.parametrize("broken", [GoesByArrival, ForgetsWhatItTold, RepeatsItself])
def test_the_law_catches_books_that_break_it(broken: type[CommissionBook]) -> None:
    assert refuted(replay_law, broken, examples=300)
