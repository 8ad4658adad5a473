"""No clock of this machine, wherever it stands, grants time that has not passed at the broker."""

import math
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.worker.installation.broker_clock import (
    SMALLEST_TOLERANCE,
    UNKNOWN,
    BrokerClock,
    Moment,
)

HOUR: Final = 3_600.0
TEN_YEARS: Final = 10 * 365 * 86_400.0


class Machine:
    """A machine whose clock on the wall is wrong by `off`, beside a broker whose clock is right."""

    def __init__(self, off: float = 0.0) -> None:
        self.off = off
        self.true = 1_000_000_000.0
        self.clock: Final = BrokerClock(
            HOUR, 100.0, lambda: self.true + self.off, lambda: self.true
        )

    def beat(self, there: float = 0.01, back: float = 0.01, broker_off: float = 0.0) -> None:
        sent = self.clock.moment()
        self.true += there
        stamp = self.true + broker_off
        self.true += back
        self.clock.note(sent, self.clock.moment(), stamp)


def test_before_the_first_beat_no_time_has_passed() -> None:
    machine = Machine()
    assert machine.clock.now() == UNKNOWN
    assert math.isnan(machine.clock.skew)
    assert not machine.clock.disagrees


@given(
    off=st.floats(-TEN_YEARS, TEN_YEARS),
    jump=st.floats(-TEN_YEARS, TEN_YEARS),
    there=st.floats(0, 5),
    back=st.floats(0, 5),
    passed=st.floats(0, 200),
)
def test_it_is_never_ahead_of_the_broker(
    off: float, jump: float, there: float, back: float, passed: float
) -> None:
    machine = Machine(off)
    machine.beat(there, back)
    machine.true += passed
    machine.off += jump  # the clock on the wall is set between two beats
    now = machine.clock.now()
    assert now <= machine.true + 1e-3
    assert now == UNKNOWN or now >= machine.true - back - 1e-3


@pytest.mark.parametrize("off", [-2 * HOUR, 2 * HOUR, -TEN_YEARS, TEN_YEARS])
def test_clocks_that_differ_by_more_than_the_lateness_grant_nothing(off: float) -> None:
    machine = Machine(off)
    machine.beat()
    assert machine.clock.now() == UNKNOWN
    assert machine.clock.skew == pytest.approx(-off, abs=0.1)
    machine.off = 0.0
    machine.beat()
    assert machine.clock.now() == pytest.approx(machine.true, abs=0.1)


def test_a_broker_whose_clock_is_wrong_grants_nothing() -> None:
    machine = Machine()
    machine.beat(broker_off=60 * 86_400)
    assert machine.clock.now() == UNKNOWN


def test_a_slow_answer_is_no_difference() -> None:
    machine = Machine()
    machine.beat(there=30, back=30)
    assert machine.clock.skew == 0.0


def test_a_worker_that_was_frozen_waits_for_the_next_beat() -> None:
    machine = Machine()
    machine.beat()
    machine.true += 101
    assert machine.clock.now() == UNKNOWN


def test_a_broker_that_stamps_nothing_is_not_taken_for_one_that_agrees() -> None:
    machine = Machine()
    machine.beat()
    machine.clock.note(Moment(0, 0), Moment(1, 1), None)
    assert math.isnan(machine.clock.skew)
    assert machine.clock.now() == UNKNOWN


def test_clocks_that_are_well_differ_by_a_second_whatever_the_lateness() -> None:
    clock = BrokerClock(0.0, 100.0, lambda: 10.0, lambda: 0.0)
    clock.note(clock.moment(), clock.moment(), 11.0)
    assert not clock.disagrees
    clock.note(clock.moment(), clock.moment(), 10.0 + SMALLEST_TOLERANCE + 0.1)
    assert clock.disagrees
