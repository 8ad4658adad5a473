"""What strikes a whole site or team is told of it once, and of no member, until one stands out.

Faults F8 and F9 of public reports: of a site that lost its feed every agent was accused, and so was
every agent of a region that had an outage.
"""

from collections.abc import Callable
from typing import Final

import pytest
from msgspec import structs

from detectors.agents.stage import Agents
from detectors.messages.outcomes import DayReview
from tests.detectors.agents.groups.branches import QUICK, Branches, Sold

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


def test_a_restart_changes_nothing() -> None:
    whole = Branches().sell(FORCE, DAYS, one_of_them)
    cut = Branches().sell(FORCE, range(41), one_of_them)
    cut.restarted()
    assert cut.sell(FORCE, range(41, 56), one_of_them).alerts == whole.alerts
