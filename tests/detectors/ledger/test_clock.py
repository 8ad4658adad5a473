from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.basis.event_time import BEGINNING, DAY, Seconds
from detectors.basis.identifiers import AccountId
from detectors.ledger.agreement import HEARD, MOST_AGAINST, MOST_ASKED, MOST_WAITING
from detectors.ledger.clock import EventClock, SourceClock
from detectors.time_settings import TimeSettings
from tests.detectors.refutation import refuted

TIME = TimeSettings(allowed_lateness="1h", largest_jump="7d")
HOUR = 3_600.0
FAR = 74 * 365 * DAY
Observation = tuple[float, str]


def observe(clock: EventClock, observations: Sequence[Observation]) -> EventClock:
    for at, account in observations:
        clock.observe("events", Seconds(at), AccountId(account))
    return clock


def clock_after(observations: Sequence[Observation]) -> EventClock:
    return observe(EventClock(TIME, ("events",)), observations)


BUSINESS = [(minute * 60.0, f"account {minute}") for minute in range(0, 5 * 24 * 60, 20)]
"""Five days of it: an account every twenty minutes, so that ten have to agree from there on."""

NOON = BUSINESS[-1][0]


class AnyoneMovesIt(EventClock):
    """Believes the newest event."""

    def observe(self, source: str, at: Seconds, account_id: AccountId) -> Seconds:
        for number in range(MOST_ASKED):
            super().observe(source, at, AccountId(f"{account_id} {number}"))
        return self.reached(source)


class CountsEvents(EventClock):
    """Asks for ten events, whoever they are about."""

    seen = 0

    def observe(self, source: str, at: Seconds, account_id: AccountId) -> Seconds:
        self.seen += 1
        return super().observe(source, at, AccountId(f"{account_id} {self.seen}"))


class NeverMoves(EventClock):
    """Believes nobody any more, once ten have to agree."""

    def observe(self, source: str, at: Seconds, account_id: AccountId) -> Seconds:
        if len(self.snapshot()[source].heard) < HEARD:
            super().observe(source, at, account_id)
        return self.reached(source)


class BelievesTheFirst(EventClock):
    """Goes by what came first: it forgets who waits when time moves."""

    def observe(self, source: str, at: Seconds, account_id: AccountId) -> Seconds:
        before = self.reached(source)
        if super().observe(source, at, account_id) > before:
            saved = self.snapshot()
            saved[source].claims = []
            self.restore(saved)
        return self.reached(source)


FORGED = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 60), st.integers(0, 80_000)).map(lambda hours: hours * 1_800.0),
        st.integers(1, MOST_ASKED - 1),
    ),
    max_size=40,
)
LATER = st.lists(st.integers(1, 2_000), max_size=25, unique=True)


def few_never_move_it(clock: type[EventClock], data: st.DataObject) -> None:
    """Accounts that are fewer than ten, with any times, among honest ones."""
    forged, rest = data.draw(FORGED), data.draw(LATER)
    honest = [(NOON + minute * 60.0, f"later account {minute}") for minute in sorted(rest)]
    places = data.draw(st.randoms()).choices(range(len(honest) + 1), k=len(forged))
    log = list(honest)
    for place, (at, account) in sorted(zip(places, forged, strict=True), reverse=True):
        log.insert(place, (NOON + at, f"forger {account}"))
    reached = observe(clock(TIME, ("events",)), [*BUSINESS, *log])
    newest = max([NOON, *(at for at, _ in honest)])
    assert reached.newest() <= newest + HOUR, "they moved it"
    assert reached.watermark() <= newest


@settings(max_examples=60)
@given(st.data())
def test_fewer_than_ten_never_move_it(data: st.DataObject) -> None:
    few_never_move_it(EventClock, data)


@pytest.mark.parametrize("broken", [AnyoneMovesIt, CountsEvents])
def test_that_law_catches(broken: type[EventClock]) -> None:
    assert refuted(few_never_move_it, broken)


MINUTES = st.lists(st.one_of(st.integers(1, 300), st.integers(1, 9_000)), max_size=40, unique=True)


def order_does_not_matter(clock: type[EventClock], data: st.DataObject) -> None:
    """Events that come no later than is allowed, in two orders."""
    minutes = data.draw(MINUTES)
    chance = data.draw(st.randoms())
    events = [(NOON + minute * 60.0, f"later account {minute % 17}") for minute in sorted(minutes)]
    late = sorted(events, key=lambda event: event[0] + chance.uniform(0, HOUR))
    one = observe(clock(TIME, ("events",)), [*BUSINESS, *events])
    other = observe(clock(TIME, ("events",)), [*BUSINESS, *late])
    assert one.newest() == other.newest()
    if len({account for _, account in events}) >= MOST_ASKED:
        assert one.newest() > NOON, "business goes on"


@settings(max_examples=60)
@given(st.data())
def test_the_time_reached_does_not_depend_on_the_order(data: st.DataObject) -> None:
    order_does_not_matter(EventClock, data)


@pytest.mark.parametrize("broken", [BelievesTheFirst, NeverMoves])
def test_of_order_it_catches(broken: type[EventClock]) -> None:
    assert refuted(order_does_not_matter, broken)


@settings(max_examples=40)
@given(FORGED, LATER, st.integers(0, 60))
def test_a_restored_clock_goes_on_as_if_nothing_had_happened(
    forged: list[tuple[float, int]], rest: list[int], cut: int
) -> None:
    log = [(NOON + at, f"forger {account}") for at, account in forged]
    log += [(NOON + minute * 60.0, f"later account {minute}") for minute in rest]
    first = clock_after([*BUSINESS[-cut:], *log[:cut]])
    saved = msgspec.msgpack.encode(first.snapshot())
    second = EventClock(TIME, ("events",))
    second.restore(msgspec.msgpack.decode(saved, type=dict[str, SourceClock]))
    assert observe(first, log[cut:]).snapshot() == observe(second, log[cut:]).snapshot()


@pytest.mark.parametrize("silence", [2 * HOUR, 3 * DAY, 365 * DAY])
def test_after_silence_ten_accounts_move_it(silence: float) -> None:
    after = [(NOON + silence + 60.0 * number, f"new {number}") for number in range(MOST_ASKED)]
    assert clock_after([*BUSINESS, *after[:-1]]).newest() == NOON
    assert clock_after([*BUSINESS, *after]).newest() == after[-1][0]


def test_wrong_times_that_come_one_by_one_do_not_add_up() -> None:
    clock = clock_after(BUSINESS)
    for number in range(3 * MOST_ASKED):
        clock.observe("events", Seconds(FAR), AccountId(f"wrong {number}"))
        start = NOON + number * DAY
        day = [(start + 600.0 * one, f"day {number} {one}") for one in range(MOST_AGAINST + 1)]
        assert observe(clock, day).newest() <= day[-1][0] + HOUR


def test_what_wild_sources_claim_takes_bounded_room() -> None:
    clock = clock_after(BUSINESS)
    for number in range(4_000):
        account = AccountId(f"account {number % (MOST_ASKED - 1)}")
        clock.observe("events", Seconds(FAR + number * 8 * DAY), account)
    assert len(clock.snapshot()["events"].claims) <= MOST_WAITING
    assert clock.newest() == NOON


# Sources that tell of few accounts.


def test_a_source_that_tells_of_few_a_week_is_believed_at_once_however_long_it_has() -> None:
    sparse = [(day * DAY / 2, f"account {day}") for day in range(600)]
    clock = EventClock(TIME, ("events",))
    for at, account in sparse[1:]:
        clock.observe("events", Seconds(at), AccountId(account))
        assert at == sparse[1][0] or clock.newest() == at


def test_one_wrong_timestamp_never_moves_the_clock() -> None:
    good = [(hour * HOUR, f"account {hour % 7}") for hour in range(200)]
    wrong = (FAR, "account 3")
    for place in (0, 1, 2, 100, 200):
        assert clock_after([*good[:place], wrong, *good[place:]]).newest() == 199 * HOUR


def test_one_wrong_timestamp_sent_again_and_again_never_moves_the_clock() -> None:
    wrong = [(FAR + second, "an account") for second in range(50)]
    assert clock_after([(0.0, "a"), (1.0, "b"), *wrong]).newest() == 1.0


def test_two_that_agree_move_it_if_they_are_about_different_accounts() -> None:
    begin = [(0.0, "a"), (1.0, "b")]
    assert clock_after([*begin, (FAR, "c"), (FAR + DAY, "c")]).newest() == 1.0
    assert clock_after([*begin, (FAR, "c"), (FAR + DAY, "d")]).newest() == FAR + DAY
    assert clock_after([*begin, (FAR, "c"), (FAR + 8 * DAY, "d")]).newest() == FAR


def test_a_wrong_first_timestamp_holds_nothing_back() -> None:
    for first in (0.0, 20_000 * DAY):
        seen = [(first, "a"), (9_000 * DAY, "b"), (9_000 * DAY + 1, "c")]
        assert clock_after(seen).newest() == 9_000 * DAY + 1


def test_the_first_event_alone_says_nothing() -> None:
    assert clock_after([(5.0, "a")]).newest() == BEGINNING
    assert clock_after([(5.0, "a")]).watermark() == BEGINNING


def by_definition(observations: Sequence[Observation]) -> float:
    """Return the least time that is closed under both rules for few accounts."""
    newest, before = BEGINNING, None
    while newest != before:
        before = newest
        for at, account in observations:
            if newest < at <= newest + 7 * DAY:
                newest = Seconds(at)
            for other, another in observations:
                if account != another:
                    newest = Seconds(max(newest, min(at, other)))
    return newest


MOMENTS = st.one_of(st.integers(0, 20), st.integers(0, 3_000), st.just(30_000))
OBSERVATIONS = st.lists(
    st.tuples(MOMENTS.map(lambda days: days * DAY), st.sampled_from("abcd")), max_size=14
)


@given(OBSERVATIONS)
def test_the_time_is_what_it_is_by_definition_in_any_order(
    observations: list[Observation],
) -> None:
    assert clock_after(observations).newest() == by_definition(observations)


def test_the_slowest_source_counts_unless_it_is_drained() -> None:
    clock = EventClock(TIME, ("sales", "cancellations"))
    for at, account in ((1 * DAY, "a"), (2 * DAY, "b")):
        clock.observe("sales", Seconds(at), AccountId(account))
    assert clock.watermark() == BEGINNING
    assert clock.watermark({"cancellations"}) == 2 * DAY - HOUR
    for at, account in ((0.0, "a"), (1 * DAY, "b")):
        clock.observe("cancellations", Seconds(at), AccountId(account))
    assert clock.watermark() == 1 * DAY - HOUR
    assert clock.watermark({"sales", "cancellations"}) == 2 * DAY - HOUR
