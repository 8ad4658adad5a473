"""The laws of disturbed logs: bounded lateness, nothing lost, the same seed the same order."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from tests.streams.simulation.disturbance import duplicate, shuffle_within, timed

START = datetime(2025, 1, 1, tzinfo=UTC)
OFFSETS = st.lists(st.integers(0, 10_000), max_size=60).map(sorted)
LATENESSES = st.timedeltas(timedelta(0), timedelta(hours=1))
SEEDS = st.integers(0, 2**32)


def log_of(offsets: list[int]) -> list[tuple[datetime, bytes]]:
    return [
        (START + timedelta(seconds=offset), b"%d %d" % (offset, position))
        for position, offset in enumerate(offsets)
    ]


@given(OFFSETS, LATENESSES, SEEDS)
def test_no_line_is_late_by_the_lateness_or_more(
    offsets: list[int], lateness: timedelta, seed: int
) -> None:
    newest = 0
    for line in shuffle_within(log_of(offsets), lateness, seed):
        offset = int(line.split()[0])
        assert newest - offset < lateness.total_seconds() or newest <= offset
        newest = max(newest, offset)


@given(OFFSETS, LATENESSES, SEEDS)
def test_shuffling_loses_and_adds_nothing_and_repeats_itself(
    offsets: list[int], lateness: timedelta, seed: int
) -> None:
    log = log_of(offsets)
    shuffled = list(shuffle_within(log, lateness, seed))
    assert sorted(shuffled) == sorted(line for _, line in log)
    assert shuffled == list(shuffle_within(log, lateness, seed))


@given(OFFSETS, SEEDS)
def test_no_lateness_keeps_the_order(offsets: list[int], seed: int) -> None:
    log = log_of(offsets)
    assert list(shuffle_within(log, timedelta(0), seed)) == [line for _, line in log]


def test_lines_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="not in time order"):
        list(shuffle_within(reversed(log_of([1, 2])), timedelta(hours=1), 0))


def test_a_negative_lateness_is_refused() -> None:
    with pytest.raises(ValueError, match="lateness"):
        list(shuffle_within([], timedelta(seconds=-1), 0))


@given(st.lists(st.binary(max_size=3), max_size=60), st.floats(0.0, 1.0), SEEDS)
def test_every_line_comes_once_or_twice_in_the_same_order(
    lines: list[bytes], share: float, seed: int
) -> None:
    items = list(enumerate(lines))
    repeated = list(duplicate(items, share, seed))
    assert list(dict.fromkeys(repeated)) == items
    assert set(Counter(repeated).values()) <= {1, 2}
    assert repeated == list(duplicate(items, share, seed))
    assert repeated == sorted(repeated)


def test_the_share_is_that_of_repeated_lines() -> None:
    assert len(list(duplicate(range(20_000), 0.05, 1))) == pytest.approx(21_000, abs=150)
    assert list(duplicate(range(3), 1.0, 1)) == [0, 0, 1, 1, 2, 2]
    assert list(duplicate(range(3), 0.0, 1)) == [0, 1, 2]


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="share"):
        list(duplicate([], share, 0))


def test_a_simulated_log_is_really_disturbed() -> None:
    lines = list(simulate(SimulationSettings(agents=50, days=20, seed=1)))
    disturbed = list(shuffle_within(duplicate(timed(lines), 0.05, 1), timedelta(hours=1), 2))
    assert set(disturbed) == set(lines)
    assert len(disturbed) > len(lines)
    newest, late = START, 0
    for time, _ in timed(disturbed):
        assert time > newest - timedelta(hours=1)
        late += time < newest
        newest = max(newest, time)
    assert late > len(lines) / 2
