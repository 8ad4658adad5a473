"""How often intervals hold the truth: truths are those that were drawn, and bad intervals show."""

from typing import Final

import numpy as np
import pytest
from msgspec.structs import replace

from bench.yardstick.effects import Held, at_random_instants, opened_with, true_chances
from bench.yardstick.events import BEGINS, FIRST_DAY
from bench.yardstick.figures import share_held
from bench.yardstick.sales import DAY, WINDOW_DAYS, Sales, draw
from bench.yardstick.trials import Trials
from bench.yardstick.worlds import SALES_A_DAY, Bad, World
from detectors.alerts.alert import Alert, Subject
from detectors.basis.event_time import Day, day_name, moment, seconds_at
from tests.streams.reports.reported import EVIDENCE, about_agent

SINCE: Final = 300
UNTIL: Final = 330


@pytest.fixture(scope="module")
def sales() -> Sales:
    return draw(World(title="one of two bad", agents=2, days=400, bad=Bad(at_25=1)), 1)


def alert(sales: Sales, agent: int, low: float, high: float) -> Alert:
    """Return an alert about sales of 30 days, and an interval in multiples of the truth."""
    days = sales.at // DAY + WINDOW_DAYS
    own = (sales.agent == agent) & (days >= SINCE) & (days < UNTIL)
    expected = 0.05 * own.sum()
    truth = true_chances(sales)[own].sum() / expected
    return replace(
        about_agent(),
        revision=1,
        subject=Subject("agent", f"agent-{agent}"),
        updated_at=moment(seconds_at(BEGINS) + UNTIL * DAY),
        evidence=replace(
            EVIDENCE,
            matured=int(own.sum()),
            expected=expected,
            rate_ratio=truth,
            rate_ratio_low=low * truth,
            rate_ratio_high=high * truth,
            likely_start=day_name(Day(FIRST_DAY + SINCE)),
        ),
    )


def test_the_truth_is_that_of_the_sales_which_the_alert_counts(sales: Sales) -> None:
    told = [alert(sales, 0, 0.999, 1.001), alert(sales, 0, 1.001, 2.0), alert(sales, 1, 0.5, 0.999)]
    later = replace(told[0], revision=2)
    assert opened_with([*told, later], sales) == {25: Held(2, 1), 0: Held(1, 0)}


def honest(level: float, agents: int = 200, days: int = 300) -> Trials:
    random, count = np.random.default_rng(1), agents * days * SALES_A_DAY
    odds = np.repeat(0.05 / 0.95 * np.exp(level * random.standard_normal(agents)), count // agents)
    return Trials(
        percent=np.zeros(agents, np.int64),
        starts=np.arange(agents + 1) * (count // agents),
        expected=np.full(count, 0.05),
        evidence=np.zeros(count),
        odds=odds,
        changed=np.zeros(count, np.bool_),
        bad=random.random(count) < odds / (1 + odds),
    )


def test_honest_agents_are_held_and_those_who_differ_more_than_is_thought_are_not() -> None:
    held, lost = (share_held([at_random_instants(honest(sd), 0.25)]).value for sd in (0.25, 1.0))
    assert held > 0.85
    assert lost < held - 0.2


def test_counts_add_up_and_nothing_told_is_no_share() -> None:
    total = Held(4, 3)
    total.add(Held(4, 4))
    assert share_held([total]).value == 0.875
    assert np.isnan(share_held([Held()]).value)
