"""How often the 90 % interval of an effect holds the truth: of alerts, and at random instants.

The true multiple of a stretch is the mean chance of a bad outcome of its sales, as they were drawn,
over what was expected among peers.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

import numpy as np
from msgspec import Struct

from bench.yardstick.events import FIRST_DAY
from bench.yardstick.sales import DAY, WINDOW_DAYS, Sales
from bench.yardstick.trials import Trials
from bench.yardstick.worlds import SALES_A_DAY
from detectors.alerts.alert import Alert
from detectors.alerts.evidence import RateEvidence
from detectors.basis.event_time import day_of, seconds_at
from detectors.evidence.prior import Prior
from detectors.evidence.rate_ratio import RateRatio, shrunk_rate_ratio
from detectors.evidence.shiryaev_roberts import EvidenceTable

_EPOCH: Final = date(1970, 1, 1)
MOST_AGENTS: Final = 300
"""Honest agents of a run who are looked at, each at one instant."""


class Held(Struct, array_like=True):
    """How many intervals were told, and how many of them held the truth."""

    told: int = 0
    held: int = 0

    def count(self, ratio: RateRatio, truth: float) -> None:
        """Count one interval."""
        self.told += 1
        self.held += ratio.lower <= truth <= ratio.upper

    def add(self, other: "Held") -> None:
        """Add what was counted elsewhere."""
        self.told += other.told
        self.held += other.held


def opened_with(alerts: Iterable[Alert], sales: Sales) -> dict[int, Held]:
    """Return the count over openings of alerts at maturity, by rate of the agent (0: honest)."""
    held: dict[int, Held] = {}
    chance = true_chances(sales)
    judged_on = FIRST_DAY + (sales.at + WINDOW_DAYS * DAY) // DAY
    for alert in alerts:
        said = alert.evidence
        if alert.subject.type != "agent" or alert.revision != 1:
            continue
        if not isinstance(said, RateEvidence) or not said.expected:
            continue
        agent = int(alert.subject.id.rpartition("-")[2])
        start = (date.fromisoformat(said.likely_start) - _EPOCH).days
        own = (sales.agent == agent) & (judged_on >= start)
        own &= judged_on < day_of(seconds_at(alert.updated_at))
        truth = float(chance[own].mean()) * said.matured / said.expected
        told = RateRatio(said.rate_ratio, said.rate_ratio_low, said.rate_ratio_high)
        held.setdefault(int(sales.agents.percent[agent]), Held()).count(told, truth)
    return held


def true_chances(sales: Sales) -> np.typing.NDArray[np.float64]:
    """Return how likely each sale was to go bad."""
    odds = sales.odds * np.where(sales.changed, sales.agents.ratio[sales.agent], 1.0)
    chances: np.typing.NDArray[np.float64] = odds / (1.0 + odds)
    return chances


def at_random_instants(trials: Trials, between_agent_sd: float) -> Held:
    """Return the count over honest agents, each since the likely start as of a random sale."""
    held, random = Held(), np.random.default_rng(0)
    honest = np.flatnonzero(trials.percent == 0)[:MOST_AGENTS]
    for agent in honest.tolist():
        first, end = trials.starts[agent], trials.starts[agent + 1]
        if first == end:
            continue
        last = int(random.integers(first, end)) + 1
        table = EvidenceTable(Prior(between_agent_sd), capacity=1)
        table.observe(
            np.full(last - first, table.add()),
            np.arange(last - first) // SALES_A_DAY,
            trials.expected[first:last],
            trials.bad[first:last],
        )
        start = table.explanation(0).start
        if start is None:
            continue
        odds = trials.odds[last - start.since.outcomes : last]
        truth = float((odds / (1.0 + odds)).sum()) / start.since.expected
        ratio = shrunk_rate_ratio(start.since.observed, start.since.expected, between_agent_sd)
        held.count(ratio, truth)
    return held
