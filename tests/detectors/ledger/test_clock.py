from collections.abc import Sequence

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from detectors.basis.event_time import BEGINNING, DAY, Seconds
from detectors.basis.identifiers import AccountId
from detectors.ledger.clock import EventClock, SourceClock
from detectors.settings import TimeSettings

TIME = TimeSettings(allowed_lateness="1h", largest_jump="7d")
HOUR = 3_600.0
Observation = tuple[float, str]
MOMENTS = st.one_of(st.integers(0, 20), st.integers(0, 3_000), st.just(30_000))
OBSERVATIONS = st.lists(
    st.tuples(MOMENTS.map(lambda days: days * DAY), st.sampled_from("abcd")), max_size=14
)


def clock_after(observations: Sequence[Observation]) -> EventClock:
    clock = EventClock(TIME, ("events",))
    for at, account in observations:
        clock.observe("events", Seconds(at), AccountId(account))
    return clock


def test_one_wrong_timestamp_never_moves_the_clock() -> None:
    good = [(hour * HOUR, f"account {hour % 7}") for hour in range(200)]
    wrong = (74 * 365 * DAY, "account 3")
    for place in (0, 1, 2, 100, 200):
        assert clock_after([*good[:place], wrong, *good[place:]]).newest() == 199 * HOUR


def test_one_wrong_timestamp_sent_again_and_again_never_moves_the_clock() -> None:
    wrong = [(74 * 365 * DAY + second, "an account") for second in range(50)]
    assert clock_after([(0.0, "a"), (1.0, "b"), *wrong]).newest() == 1.0


def test_two_that_agree_move_it_if_they_are_about_different_accounts() -> None:
    far = 74 * 365 * DAY
    begin = [(0.0, "a"), (1.0, "b")]
    assert clock_after([*begin, (far, "c"), (far + DAY, "c")]).newest() == 1.0
    assert clock_after([*begin, (far, "c"), (far + DAY, "d")]).newest() == far + DAY
    assert clock_after([*begin, (far, "c"), (far + 8 * DAY, "d")]).newest() == 1.0


def test_a_wrong_first_timestamp_holds_nothing_back() -> None:
    for first in (0.0, 20_000 * DAY):
        seen = [(first, "a"), (9_000 * DAY, "b"), (9_000 * DAY + 1, "c")]
        assert clock_after(seen).newest() == 9_000 * DAY + 1


def test_the_first_event_alone_says_nothing() -> None:
    assert clock_after([(5.0, "a")]).newest() == BEGINNING
    assert clock_after([(5.0, "a")]).watermark() == BEGINNING


def by_definition(observations: Sequence[Observation]) -> float:
    """Return the least time that is closed under both rules."""
    newest, before = BEGINNING, None
    while newest != before:
        before = newest
        for at, account in observations:
            if newest < at <= newest + 7 * DAY:
                newest = Seconds(at)
            for other, another in observations:
                if account != another and abs(at - other) <= 7 * DAY:
                    newest = Seconds(max(newest, at, other))
    return newest


@given(OBSERVATIONS)
def test_the_time_is_what_it_is_by_definition_in_any_order(
    observations: list[Observation],
) -> None:
    assert clock_after(observations).newest() == by_definition(observations)


@given(OBSERVATIONS, st.integers(0, 14))
def test_a_restored_clock_goes_on_as_if_nothing_had_happened(
    observations: list[Observation], cut: int
) -> None:
    first = clock_after(observations[:cut])
    saved = msgspec.msgpack.encode(first.snapshot())
    second = EventClock(TIME, ("events",))
    second.restore(msgspec.msgpack.decode(saved, type=dict[str, SourceClock]))
    for at, account in observations[cut:]:
        first.observe("events", Seconds(at), AccountId(account))
        second.observe("events", Seconds(at), AccountId(account))
    assert first.snapshot() == second.snapshot()


@given(st.lists(st.tuples(st.floats(0, 1e6), st.sampled_from("ab")), max_size=60))
def test_what_a_wild_source_claims_takes_bounded_room(observations: list[Observation]) -> None:
    clock = EventClock(TimeSettings(allowed_lateness="1h", largest_jump="1d"), ("events",))
    for at, _ in observations:
        clock.observe("events", Seconds(at), AccountId("one account"))
    assert len(clock.snapshot()["events"].claims) <= 2 * (1e6 / DAY + 1)


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
