import numpy as np
import pytest

from bench.yardstick.figures import (
    false_alarms,
    false_discoveries,
    false_of_all_ever,
    found,
    let_go,
    shadow_rate,
)
from bench.yardstick.findings import FOR_EVER, Episode, first_since
from bench.yardstick.measuring import MISSED, MISSED_DAYS, Measured, Shadow, measure
from bench.yardstick.sales import DAY, WINDOW_DAYS, Sales, draw
from bench.yardstick.worlds import Bad, World

WORLD = World(title="two of five bad", agents=5, bad=Bad(at_25=1, at_40=1))


@pytest.fixture(scope="module")
def sales() -> Sales:
    return draw(WORLD, 1)


def first_bad(sales: Sales, agent: int) -> int:
    return int(sales.at[(sales.agent == agent) & sales.changed][0])


def mature_after(sales: Sales, agent: int, number: int) -> float:
    """Return the end of the day on which an agent's bad sale of that number matures."""
    own = sales.at[(sales.agent == agent) & sales.changed]
    return float((own[number - 1] // DAY + 1 + WINDOW_DAYS) * DAY)


def test_the_first_warning_after_the_change_counts() -> None:
    told = [Episode(False, 10.0, resolved=20.0), Episode(False, 50.0), Episode(False, 70.0)]  # noqa: FBT003 - a field
    assert first_since(told, 30.0) == 50.0
    assert first_since(told, 80.0) is None
    assert first_since(told[:1], 15.0) is None
    assert first_since(told[:1], 30.0) == FOR_EVER


def test_a_delay_counts_the_bad_sales_matured_at_the_end_of_the_day_of_the_warning(
    sales: Sales,
) -> None:
    warned = mature_after(sales, 0, 40)
    early = first_bad(sales, 0) + 9.5 * DAY
    told = {0: [Episode(False, warned), Episode(True, early)]}  # noqa: FBT003 - a field
    measured = measure(WORLD, sales, told)
    (delay,) = measured.delays[25]
    assert 40 <= delay <= 42
    assert measured.early_days[25] == [pytest.approx(9.5)]
    assert measured.first_days[25] == [pytest.approx(9.5)]


def test_who_is_never_found_counts_as_missed_and_who_was_accused_before_is_left_out(
    sales: Sales,
) -> None:
    told = {0: [Episode(False, 5.0 * DAY)]}  # noqa: FBT003 - a field
    measured = measure(WORLD, sales, told)
    assert measured.unmeasured == 1
    assert measured.delays == {40: [MISSED]}
    assert measured.first_days == {40: [MISSED_DAYS]}


def test_only_warnings_about_the_honest_are_false(sales: Sales) -> None:
    told = {
        0: [Episode(False, 300.0 * DAY)],  # noqa: FBT003 - a field
        3: [Episode(False, 100.0 * DAY), Episode(True, 120.0 * DAY)],  # noqa: FBT003 - a field
        4: [Episode(False, 200.0 * DAY)],  # noqa: FBT003 - a field
    }
    measured = measure(WORLD, sales, told)
    assert measured.false_alarms == {"mature": 2, "early": 1}
    assert measured.honest_years == pytest.approx(3)
    rate = false_alarms(measured)
    assert rate.value == pytest.approx(1_000)
    assert rate.error == pytest.approx(2_000 * np.sqrt(2**2 + 1) / 3)


def test_flags_are_false_or_true_while_they_are_up_and_ever(sales: Sales) -> None:
    told = {
        0: [Episode(False, 90.0 * DAY, critical=95.0 * DAY)],  # noqa: FBT003 - a field
        1: [Episode(False, 370.0 * DAY, critical=390.0 * DAY)],  # noqa: FBT003 - a field
        2: [Episode(False, 90.0 * DAY, critical=95.0 * DAY, resolved=150.0 * DAY)],  # noqa: FBT003 - a field
    }
    measured = measure(WORLD, sales, told)
    assert [false_discoveries(measured, instant) for instant in range(3)] == [0.5, 0.0, 0.0]
    assert false_of_all_ever(measured) == pytest.approx(1 / 3)
    assert found(measured).value == 0.5
    assert found(measured, [25]).value == 1.0


def test_runs_add_up() -> None:
    one = Measured(honest_years=2.0, false_alarms={"mature": 1}, shadow={"mature": Shadow(1, 730)})
    total = Measured()
    for _ in range(2):
        total.add(one)
    assert total.false_alarms == {"mature": 2}
    assert total.honest_years == 4.0
    assert shadow_rate(total) == pytest.approx(500)
    assert shadow_rate(Measured()) is None


def test_who_is_let_go_though_still_bad_is_counted_once(sales: Sales) -> None:
    after = first_bad(sales, 0) + 20.0 * DAY
    ended = Episode(False, after, resolved=after + DAY)  # noqa: FBT003 - a field
    again = Episode(True, after + 5 * DAY, resolved=after + 9 * DAY)  # noqa: FBT003 - a field
    before = Episode(False, 0.0, resolved=after)  # noqa: FBT003 - a field
    still_open = Episode(False, first_bad(sales, 1) + DAY)  # noqa: FBT003 - a field
    measured = measure(WORLD, sales, {0: [before, ended, again], 1: [still_open], 3: [ended]})
    assert (measured.warned, measured.let_go) == ({15: 0, 25: 1, 40: 1}, {15: 0, 25: 1, 40: 0})
    assert let_go(measured).value == pytest.approx(0.5)
    measured.add(measure(WORLD, sales, {1: [still_open]}))
    assert let_go(measured).value == pytest.approx(1 / 3)
