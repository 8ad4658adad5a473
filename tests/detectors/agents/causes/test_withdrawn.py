"""An agent's alert is withdrawn once it is known that their whole site rose with them.

Who was ahead of the others when the alert was opened, or is now, is not cleared by what the others
do.
"""

from typing import Final

import pytest
from msgspec import UNSET, structs

from detectors.agents.alerting.agent_alert import EvidenceSummary
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.causes.common import CommonCauses
from detectors.alerts.alert import Alert
from detectors.basis.identifiers import AgentId, GroupKind
from detectors.cases.case import case_alert
from detectors.cases.fold import fold
from detectors.evidence.within_group import Counted
from detectors.peers.stage import Peers
from detectors.settings import CaseSettings
from tests.detectors.agents.causes.test_struck_site import (
    FORCE,
    MEMBER,
    Split,
    by_time,
    one_of_them,
)
from tests.detectors.agents.groups.branches import QUICK, Branches, Rate, Sold

SMALLER: Final[list[Sold]] = [
    (f"agent {number}", "site 1" if number < 5 else "site 0", None) for number in range(21)
]
BEGIN: Final = 30
SEED: Final = 4
"""Of eight in which the outage reaches one member four days before the others, in five they are
told before it is known that it is the site: in this one twice."""


def ahead_by(days: int) -> Rate:
    """Return the rate where a site turns bad, and one of its members so many days before it."""

    def rate(sold: Sold, day: int) -> float:
        turns = BEGIN if sold[0] == MEMBER else BEGIN + days
        return 0.5 if sold[1] == "site 1" and day >= turns else 0.06

    return rate


def told(branches: Branches) -> list[Alert]:
    """Return what was told about agents; of the member alone."""
    assert branches.names("agent") <= {MEMBER}
    return branches.about("agent")


def test_what_was_told_of_a_member_is_withdrawn_once_the_site_tells_of_it() -> None:
    branches = Branches().sell(FORCE, range(62), ahead_by(4), SEED)
    *before, last = told(branches)
    (site,) = {alert.alert_id for alert in branches.about("site")}
    assert {alert.status for alert in before} == {"open"}
    assert {alert.alert_id for alert in before} == {last.alert_id}
    assert (last.status, last.withdrawal, last.ending) == ("withdrawn", "common_cause", UNSET)
    assert last.group_alerts == (site,)
    assert last.at_stake is None
    assert last.summary.startswith(
        "Withdrawn: their site rose with them, and they do not stand out within it. The alert "
        "about the site tells of what happened. Agent agent 3: "
    )
    assert last.next_step is not UNSET
    assert last.next_step.startswith("Take back what was done")
    assert last.would_clear is UNSET


def test_the_case_is_withdrawn_with_it() -> None:
    revisions = told(Branches().sell(FORCE, range(46), ahead_by(4), SEED))
    cases = [
        fold(
            revisions[0].subject,
            [case_alert(alert) for alert in revisions[:known]],
            [],
            CaseSettings(),
        )
        for known in (len(revisions) - 1, len(revisions))
    ]
    assert [case.state for case in cases if case is not None] == ["open", "withdrawn"]


def test_who_was_ahead_for_long_stays_told() -> None:
    revisions = told(Branches().sell(FORCE, range(75), ahead_by(12), SEED))
    assert {alert.status for alert in revisions} == {"open"}


def test_who_is_worse_than_the_rest_stays_told() -> None:
    revisions = told(Branches().sell(FORCE, range(75), one_of_them))
    assert {alert.status for alert in revisions} == {"open"}


class IgnoresTheLead(CommonCauses):
    """Clears who is like the rest today, however long they were alone."""

    def _stood_out_in(
        self,
        kind: GroupKind,
        tier: TierBase,
        agent_id: AgentId,
        summary: EvidenceSummary,
        alert: OpenAlert,
    ) -> bool:
        del kind, tier, agent_id, summary, alert
        return False


class ForgetsWhoWasApart(CommonCauses):
    """Takes what an agent did for a part of what their group did, which leaves them out."""

    def _inside(self, tier: TierBase, agent_id: AgentId, before: Counted, own: Counted) -> Counted:
        del tier, agent_id, before
        return own


def statuses(force: list[Sold], days: int, ahead: int, seed: int) -> list[str]:
    branches = Branches().sell(force, range(days), ahead_by(ahead), seed)
    return [alert.status for alert in branches.about("agent")]


@pytest.mark.parametrize(
    ("broken", "world"),
    [(IgnoresTheLead, (FORCE, 100, 12, SEED)), (ForgetsWhoWasApart, (SMALLER, 48, 6, 2))],
)
def test_a_broken_comparison_is_noticed(
    broken: type[CommonCauses],
    world: tuple[list[Sold], int, int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = statuses(*world)
    monkeypatch.setattr("detectors.agents.stage.CommonCauses", broken)
    assert statuses(*world) != right


def test_nothing_is_told_again_while_the_site_is_struck() -> None:
    branches = Branches().sell(FORCE, range(100), ahead_by(4), SEED)
    assert len({alert.alert_id for alert in told(branches)}) == 1


def test_a_restart_changes_nothing() -> None:
    whole = Branches().sell(FORCE, range(46), ahead_by(4), SEED)
    assert told(whole)[-1].status == "withdrawn"
    for day in (36, 38, 40):
        cut = Branches().sell(FORCE, range(day), ahead_by(4), SEED)
        cut.restarted()
        cut.sell(FORCE, range(day, 46), ahead_by(4), SEED)
        assert cut.alerts == whole.alerts


def test_a_restart_that_forgets_who_was_apart_is_noticed() -> None:
    days = 52
    whole = Branches().sell(SMALLER, range(days), ahead_by(6), 2)
    cut = Branches().sell(SMALLER, range(45), ahead_by(6), 2)
    state = cut.agents.causes.snapshot()
    cut.agents.causes.restore(structs.replace(state, apart={}))
    cut.sell(SMALLER, range(45, days), ahead_by(6), 2)
    assert cut.alerts != whole.alerts


def test_partitions_change_nothing() -> None:
    one = Branches().sell(FORCE, range(46), ahead_by(4), SEED)
    two = Split(Peers(QUICK, 2)).sell(FORCE, range(46), ahead_by(4), SEED)
    assert two.told() == sorted(one.alerts, key=by_time)
