"""A simulated sales force with known expectations: `docs/statistics.md`, section 2.

Three sales a day, four products, each agent's own mix; honest agents differ by u ~ N(0, sd^2) on
the logit; a bad one's odds are multiplied from one sale on.
"""

from collections.abc import Callable, Sequence

import numpy as np

from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.evidence.discoveries import discovery_threshold
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable

SALES_A_DAY = 3
DAYS_A_YEAR = 365
PRODUCT_RATES = np.array([0.02, 0.04, 0.06, 0.13])
PRODUCT_SHARES = np.array([0.36, 0.30, 0.20, 0.14])
LONGEST_DELAY = 2_500
FROM_5_TO_15, FROM_5_TO_25, FROM_5_TO_40 = (
    rate / (1 - rate) / (0.05 / 0.95) for rate in (0.15, 0.25, 0.40)
)


Levels = Callable[[np.random.Generator, int], Reals]
"""Draws the honest levels of some agents, on the logit."""


def normal(sd: float) -> Levels:
    return lambda random, agents: sd * random.standard_normal(agents)


def laplace(sd: float) -> Levels:
    return lambda random, agents: random.laplace(0.0, sd / np.sqrt(2.0), agents)


def student_t3(sd: float) -> Levels:
    return lambda random, agents: sd / np.sqrt(3.0) * random.standard_t(3, agents)


class SalesForce:
    """Agents, their evidence, and one day after the other.

    `sd` is the spread that the evidence assumes; the true levels follow `levels`, if given.
    """

    def __init__(
        self, agents: int, sd: float, random: np.random.Generator, levels: Levels | None = None
    ) -> None:
        self.table = EvidenceTable(Prior(sd), agents)
        for _ in range(agents):
            self.table.add()
        self.level = np.exp((levels or normal(sd))(random, agents))
        mix = random.dirichlet(10 * PRODUCT_SHARES, agents)
        self.mix_edges = np.cumsum(mix, axis=1)
        self.random = random

    def sell(self, day: int, agents: Integers, odds_ratios: Reals) -> Reals:
        """Return the evidence after each sale of the day, both shapes (agents, sales a day)."""
        draws = self.random.random(odds_ratios.shape)
        product = (draws[..., None] > self.mix_edges[agents, None, :3]).sum(axis=2)
        expected = PRODUCT_RATES[product]
        odds = expected / (1 - expected) * self.level[agents, None] * odds_ratios
        bad: Booleans = self.random.random(odds.shape) < odds / (1 + odds)
        found = self.table.observe(
            np.repeat(agents, SALES_A_DAY),
            np.full(odds.size, day, np.int64),
            expected.ravel(),
            bad.ravel(),
        )
        return found.reshape(odds.shape)

    def restart(self, agents: Integers) -> None:
        for agent in agents:
            self.table.restart(int(agent))


def false_alarms_per_1000_agent_years(
    agents: int,
    threshold: float,
    sd: float,
    random: np.random.Generator,
    levels: Levels | None = None,
) -> float:
    """Count the alarms of honest agents who sell for a year each; every one is false."""
    force = SalesForce(agents, sd, random, levels)
    everyone = np.arange(agents)
    honest = np.ones((agents, SALES_A_DAY))
    alarms = 0
    for day in range(DAYS_A_YEAR):
        raised = everyone[force.sell(day, everyone, honest).max(axis=1) >= threshold]
        alarms += raised.size
        force.restart(raised)
    return 1_000 * alarms / agents


def delays(
    agents: int,
    threshold: float,
    sd: float,
    odds_ratio: float,
    random: np.random.Generator,
    *,
    from_the_first_sale: bool = False,
) -> Integers:
    """Return for each bad agent the sales from the first bad one to the alarm; a miss is 2,500."""
    force = SalesForce(agents, sd, random)
    change = np.zeros(agents, np.int64) if from_the_first_sale else random.integers(90, 821, agents)
    delay = np.full(agents, LONGEST_DELAY)
    active = np.arange(agents)
    day = 0
    while active.size:
        sales = np.arange(day * SALES_A_DAY, (day + 1) * SALES_A_DAY)
        since = sales - change[active, None] + 1
        found = force.sell(day, active, np.where(since > 0, odds_ratio, 1.0))
        over = found >= threshold
        force.restart(active[(over & (since <= 0)).any(axis=1)])
        caught = over & (since > 0)
        hit = caught.any(axis=1)
        first = caught.argmax(axis=1)
        delay[active[hit]] = since[hit, first[hit]]
        active = active[~hit & (since[:, -1] < LONGEST_DELAY)]
        day += 1
    return delay


def discoveries_of_a_year(
    agents: int, bad: int, sd: float, odds_ratios: Sequence[float], random: np.random.Generator
) -> tuple[int, int, int, int]:
    """Return the false and the true discoveries of the last review, then those of any review.

    A review is e-BH at 0.10, every 5 days for a year. The first `bad` agents are bad from some
    sale on, each by one of `odds_ratios`.
    """
    force = SalesForce(agents, sd, random)
    everyone = np.arange(agents)
    change = np.full(agents, SALES_A_DAY * DAYS_A_YEAR)
    change[:bad] = random.integers(90, 821, bad)
    lift = random.choice(odds_ratios, agents)[:, None]
    flagged = np.zeros(agents, np.bool_)
    ever = np.zeros(agents, np.bool_)
    for day in range(DAYS_A_YEAR):
        sales = np.arange(day * SALES_A_DAY, (day + 1) * SALES_A_DAY)
        force.sell(day, everyone, np.where(sales >= change[:, None], lift, 1.0))
        if (day + 1) % 5 == 0:
            e_values = force.table.evidence() / DAYS_A_YEAR
            candidates = [float(value) for value in e_values if value >= 10.0]
            flagged = e_values >= discovery_threshold(candidates, agents, 0.10)
            ever |= flagged
    return (
        int(flagged[bad:].sum()),
        int(flagged[:bad].sum()),
        int(ever[bad:].sum()),
        int(ever[:bad].sum()),
    )
