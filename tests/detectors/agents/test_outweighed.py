"""An agent who is most of a market is told as not judged, and is not what others are judged by."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from detectors.agents import evidence_report
from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.not_judged import Reason, Unjudged, counted
from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert
from detectors.basis.event_time import DAY, Day, Seconds
from detectors.basis.identifiers import AgentId
from detectors.messages.outcomes import DayReview, Outcome, OutcomeBundle
from detectors.peers.stage import Peers
from tests.detectors.agents.test_stage import PATTERN, QUICK, of_a_day

SHOP = "shop"
COMES, ENDS = 41, 56  # the review is on day 45: until then the others are judged by it, too
FORCE = [f"honest {number}" for number in range(12)]


class Office:
    """Agents over some partitions, and their peers stage; all can be restarted."""

    def __init__(self, partitions: int = 1) -> None:
        self.seen = list[Judgement]()
        self.agents = [Agents(QUICK, number, seen=self.seen) for number in range(partitions)]
        self.peers = Peers(QUICK, partitions)
        self.alerts = list[Alert]()
        self.reviews = list[DayReview]()

    def day(self, day: int, outcomes: Sequence[Outcome]) -> None:
        """Let a day pass."""
        number = len(self.agents)
        for partition, stage in enumerate(self.agents):
            own = [one for one in outcomes if len(one.agent_id or "") % number == partition]
            stage.receive(OutcomeBundle(0, Seconds((day + 1) * DAY), own))
        outputs = [stage.drain() for stage in self.agents]
        while any(output.reports or output.alerts for output in outputs):
            for output in outputs:
                self.alerts += output.alerts
                for report in output.reports:
                    for review in self.peers.receive(report):
                        self.reviews.append(review)
                        for stage in self.agents:
                            stage.review(review)
            outputs = [stage.drain() for stage in self.agents]

    def restart(self) -> None:
        """Continue from what was saved."""
        agents, peers = [stage.snapshot() for stage in self.agents], self.peers.snapshot()
        self.agents = [Agents(QUICK, number, seen=self.seen) for number in range(len(agents))]
        self.peers = Peers(QUICK, len(agents))
        self.peers.restore(peers)
        for stage, saved in zip(self.agents, agents, strict=True):
            stage.restore(saved)

    def not_judged(self) -> Mapping[AgentId, Unjudged]:
        """Return who is not judged by the pattern."""
        tiers = [tier for stage in self.agents for tier in stage.tiers if tier.name == PATTERN]
        return {name: why for tier in tiers for name, why in tier.not_judged().items()}


def honest(day: int, rng: np.random.Generator) -> list[Outcome]:
    return [
        one
        for agent in FORCE
        for bad in [int(rng.binomial(4, 0.06))]
        for one in of_a_day(day, agent, bad, 4 - bad)
    ]


def run(shop: tuple[int, int] | None, *, partitions: int = 1, restarts: bool = False) -> Office:
    """Sell for some months; the shop, from the day on which it comes, so many bad and good ones."""
    office, rng = Office(partitions), np.random.default_rng(5)
    for day in range(ENDS):
        sold = honest(day, rng)
        if shop is not None and day >= COMES:
            sold += of_a_day(day, SHOP, *shop)
        office.day(day, sold)
        if restarts and day % 4 == 1:
            office.restart()
    return office


def expected(office: Office, day: int) -> float:
    """Return what was expected of a sale of an honest agent on a day."""
    return float(
        np.mean([one.expected for one in office.seen if one.day == day and one.agent_id in FORCE])
    )


def apart(office: Office, usual: Office) -> float:
    """Return how many times what was usual is expected of honest agents, at the worst."""
    days = range(COMES + 6, ENDS)
    ratios = [expected(office, day) / expected(usual, day) for day in days]
    return max(*ratios, 1.0 / min(ratios))


@pytest.fixture(scope="module")
def usual() -> Office:
    """Return the market without the shop."""
    return run(None)


@pytest.mark.parametrize("shop", [(0, 600), (600, 0)])
def test_who_outweighs_all_is_not_what_they_are_judged_by(
    usual: Office, shop: tuple[int, int]
) -> None:
    assert apart(run(shop), usual) < 2.0


def test_the_law_bites(usual: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:  # nobody ever leaves
        broken.setattr(TierBase, "outweighing", lambda _: set())
        assert apart(run((0, 600)), usual) > 2.0
    with monkeypatch.context() as broken:  # what was recent stays
        broken.setattr(evidence_report, "outweighing", lambda _: frozenset())
        assert apart(run((600, 0)), usual) > 2.0


def test_partitions_and_restarts_change_nothing() -> None:
    once, other = run((0, 600)), run((0, 600), partitions=2, restarts=True)
    assert once.not_judged() == other.not_judged()
    assert once.alerts == other.alerts
    days = [(one.day, one.calmed, one.known) for one in once.reviews]
    assert days == [(one.day, one.calmed, one.known) for one in other.reviews]
    assert once.peers.markets == other.peers.markets
    assert any(review.calmed for review in once.reviews)


def test_without_such_an_agent_nobody_leaves(usual: Office) -> None:
    assert not any(review.calmed for review in usual.reviews)
    assert usual.not_judged() == {}


def test_who_is_nearly_the_whole_market_is_named() -> None:
    office = run((3, 3_000))
    assert {name: why.reason for name, why in office.not_judged().items()} == {SHOP: "too_large"}
    assert office.not_judged()[AgentId(SHOP)].since >= COMES
    assert counted(office.not_judged()) == {"no_peers": 0, "too_large": 1}


@pytest.mark.parametrize(("others", "reasons"), [(0, {"lone": "no_peers"}), (1, {}), (5, {})])
def test_without_others_nobody_is_judged(others: int, reasons: dict[str, Reason]) -> None:
    office = Office()
    for day in range(5):
        names = ["lone", *FORCE[:others]]
        office.day(day, [one for name in names for one in of_a_day(day, name, 1, 3)])
    assert {name: why.reason for name, why in office.not_judged().items()} == reasons
    for day in range(5, 8):
        office.day(day, [one for name in ("lone", "new") for one in of_a_day(day, name, 1, 3)])
    assert office.not_judged() == {}
    assert Day(0) == office.reviews[0].day
