"""What strikes a whole site or team is told of it once, and of no member, until one stands out.

Faults F8 and F9 of public reports: of a site that lost its feed every agent was accused, and so was
every agent of a region that had an outage.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Final

import numpy as np
import pytest
from msgspec import structs

from detectors.agents.causes.common import CommonCausesState
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert
from detectors.basis.event_time import DAY, Day, Seconds
from detectors.messages.groups import outcomes_of_groups
from detectors.messages.outcomes import DayReport, DayReview, Outcome, OutcomeBundle
from detectors.peers.stage import Peers
from tests.detectors.agents.groups.branches import (
    PATTERN,
    QUICK,
    Branches,
    Rate,
    Sold,
    outcomes_of,
)

FORCE: Final[list[Sold]] = [
    (f"agent {number}", "site 1" if number < 7 else "site 0", None) for number in range(21)
]
STRUCK: Final = 30
DAYS: Final = range(56)
MEMBER: Final = "agent 3"


def lost_feed(sold: Sold, day: int) -> float:
    """Return the rate where a site is not seen any more."""
    return 1.0 if sold[1] == "site 1" and day >= STRUCK else 0.06


def outage(sold: Sold, day: int) -> float:
    """Return the rate where the sales of nine days of a region were cancelled on one day."""
    return 0.6 if sold[1] == "site 1" and STRUCK <= day < STRUCK + 9 else 0.06


def slow_rise(sold: Sold, day: int) -> float:
    return 0.2 if sold[1] == "site 1" and day >= STRUCK else 0.06


def one_of_them(sold: Sold, day: int) -> float:
    """Return the rate where a site rises, and one of its members much further."""
    return 0.75 if sold[0] == MEMBER and day >= STRUCK else slow_rise(sold, day)


def one_alone(sold: Sold, day: int) -> float:
    return 0.4 if sold[0] == MEMBER and day >= STRUCK else 0.06


class IgnoresTheGroup(Branches):
    """Tells of everybody whom the evidence is strong against, whatever struck their site."""

    def __init__(self) -> None:
        super().__init__()
        self.agents = _Deaf(QUICK)


class _Deaf(Agents):
    def review(self, review: DayReview) -> None:
        super().review(structs.replace(review, within={}))


class ForgetsTheGroup(Branches):
    """Does not know after a restart what the members of a group did before."""

    def restarted(self) -> None:
        super().restarted()
        self.agents.causes.restore(CommonCausesState(histories={PATTERN: {"site": {}}}))


class HearsOneReport(Peers):
    """Knows of members of a group in one partition only."""

    def review(self, day: Day, reports: list[DayReport]) -> DayReview:
        *others, last = reports
        return super().review(day, [*(structs.replace(one, within={}) for one in others), last])


class Split(Branches):
    """The same agents and groups in two partitions."""

    def __init__(self, peers: Peers) -> None:
        super().__init__()
        self.parts = [Agents(QUICK, number) for number in range(2)]
        self.peers = peers

    def sell(
        self, force: list[Sold], days: range, rate: Rate, seed: int = 1, sales: int = 3
    ) -> "Split":
        for day in days:
            told = outcomes_of(force, day, rate, np.random.default_rng((seed, day)), sales)
            grouped = outcomes_of_groups(told, QUICK.groups.kinds)
            for number, part in enumerate(self.parts):
                own = [one for one in told if _place(one) == number]
                groups = {
                    kind: [one for one in ones if _place(one) == number]
                    for kind, ones in grouped.items()
                }
                part.receive(OutcomeBundle(0, Seconds((day + 1) * DAY), own, groups=groups))
            self._hand_on()
        return self

    def told(self) -> list[Alert]:
        """Return all alerts in the order of days and of their ids."""
        return sorted(self.alerts, key=by_time)

    def _hand_on(self) -> None:
        outputs = [part.drain() for part in self.parts]
        while any(output.reports or output.alerts for output in outputs):
            self.alerts.extend(alert for output in outputs for alert in output.alerts)
            reports = [report for output in outputs for report in output.reports]
            for review in [review for one in reports for review in self.peers.receive(one)]:
                for part in self.parts:
                    part.review(review)
            outputs = [part.drain() for part in self.parts]


def _place(outcome: Outcome) -> int:
    return int(str(outcome.agent_id).endswith(("0", "3")))


def by_time(alert: Alert) -> tuple[datetime, str]:
    return alert.updated_at, alert.alert_id


@pytest.mark.parametrize("rate", [lost_feed, outage, slow_rise])
def test_what_strikes_a_site_is_told_of_it_once_and_of_no_member(
    rate: Callable[[Sold, int], float],
) -> None:
    branches = Branches().sell(FORCE, DAYS, rate)
    assert branches.names("agent") == set()
    assert branches.names("site") == {"site 1"}
    assert len({alert.alert_id for alert in branches.about("site")}) == 1


@pytest.mark.parametrize("rate", [lost_feed, outage])
def test_a_stage_that_ignores_the_group_accuses_them(rate: Callable[[Sold, int], float]) -> None:
    accused = IgnoresTheGroup().sell(FORCE, DAYS, rate).names("agent")
    assert len(accused) >= 2


def test_who_stands_out_within_a_site_that_rose_is_told_as_well() -> None:
    branches = Branches().sell(FORCE, DAYS, one_of_them)
    assert branches.names("agent") == {MEMBER}
    assert branches.names("site") == {"site 1"}


def test_one_bad_member_is_told_and_not_their_site() -> None:
    branches = Branches().sell(FORCE, DAYS, one_alone)
    assert branches.names("agent") == {MEMBER}
    assert branches.names("site") == set()


def test_a_restart_changes_nothing_and_one_that_forgets_the_group_does() -> None:
    whole = Branches().sell(FORCE, range(46), lost_feed)
    for cut in (Branches(), ForgetsTheGroup()):
        cut.sell(FORCE, range(37), lost_feed).restarted()
        cut.sell(FORCE, range(37, 46), lost_feed)
        assert (cut.alerts == whole.alerts) is not isinstance(cut, ForgetsTheGroup)


def test_partitions_change_nothing_and_one_report_alone_does() -> None:
    days = range(46)
    one, two = Branches().sell(FORCE, days, lost_feed), Split(Peers(QUICK, 2))
    assert two.sell(FORCE, days, lost_feed).told() == sorted(one.alerts, key=by_time)
    deaf = Split(HearsOneReport(QUICK, 2))
    assert deaf.sell(FORCE, days, lost_feed).told() != two.told()
