"""Sites and teams are judged as agents are, against others of their kind, and change no agent."""

import re
from collections.abc import Callable
from typing import Final

import msgspec
import numpy as np
import pytest
from msgspec import UNSET, structs

from detectors.agents.mature.bad_outcomes import REMEMBERED
from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import RateEvidence
from detectors.group_settings import GroupSettings
from detectors.settings import Settings
from tests.detectors.agents.groups.branches import (
    QUICK,
    UNGROUPED,
    Branches,
    Sold,
    honest,
    levels,
    relabelled,
    sales_force,
)

FORCE: Final = sales_force(8, 5)
TURNED: Final = 30
DAYS: Final = range(56)

Labels = Callable[[list[Sold], np.random.Generator], list[Sold]]


def bad_team(sold: Sold, day: int) -> float:
    """Return the rate where one team of eight, most of its members, turns bad."""
    turned = sold[2] == "team 3" and not sold[0].endswith("-0") and day >= TURNED
    return 0.25 if turned else 0.06


def bad_member(sold: Sold, day: int) -> float:
    return 0.4 if sold[0] == "agent 3-1" and day >= TURNED else 0.06


def bad_team_with_one_worse(sold: Sold, day: int) -> float:
    return 0.8 if sold[0] == "agent 3-1" and day >= TURNED else bad_team(sold, day)


def bad_site(sold: Sold, day: int) -> float:
    return 0.2 if sold[1] == "site 2" and day >= TURNED else 0.06


def without_groups(alerts: list[Alert]) -> list[bytes]:
    """Return agents' alerts without what they say of groups, and without the settings' hash."""
    return [
        msgspec.json.encode(
            structs.replace(
                alert,
                group_alerts=UNSET,
                config_hash="",
                summary=alert.summary.split(" Their ")[0],
            )
        )
        for alert in alerts
        if alert.subject.type == "agent"
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_bad_team_is_found_and_no_other(seed: int) -> None:
    branches = Branches().sell(FORCE, DAYS, bad_team, seed)
    assert branches.names("team") == {"team 3"}
    last = branches.about("team")[-1]
    assert (last.agent_id, last.status, last.severity) == (None, "open", "critical")
    assert last.summary.startswith("Team team 3: of ")
    assert "would be expected among other teams" in last.summary
    assert "about no person in it" in last.summary
    assert re.search(rf"The {REMEMBERED} sales named are of [45] agents, \d+ of them", last.summary)
    assert "not at a person" in str(last.next_step)
    evidence = evidence_of(last, RateEvidence)
    assert evidence.peers == "all other teams, by product and channel"
    assert last.at_stake is not None
    assert last.at_stake.sales == min(REMEMBERED, evidence.observed)
    assert last.team == "team 3"


def test_a_bad_site_is_found_and_no_other() -> None:
    branches = Branches().sell(FORCE, DAYS, bad_site)
    assert branches.names("site") == {"site 2"}


def test_judging_groups_changes_no_alert_about_an_agent_whose_group_is_as_always() -> None:
    grouped = Branches().sell(FORCE, DAYS, bad_member)
    alone = Branches(UNGROUPED).sell(FORCE, DAYS, bad_member)
    assert alone.names("agent") == {"agent 3-1"}
    assert not grouped.names("team") | grouped.names("site")
    assert without_groups(grouped.alerts) == without_groups(alone.alerts)


def test_an_alert_about_an_agent_names_those_of_their_groups() -> None:
    grouped = Branches().sell(FORCE, DAYS, bad_team_with_one_worse)
    ids = {alert.alert_id for kind in ("site", "team") for alert in grouped.about(kind)}
    naming = [alert for alert in grouped.about("agent") if alert.group_alerts is not UNSET]
    assert naming
    for alert in naming:
        assert alert.group_alerts is not UNSET
        assert {*alert.group_alerts} <= ids
        assert (alert.site, alert.team) == ("site 3", "team 3")
        if alert.status == "open":
            assert alert.summary.endswith("look there first.")


def test_what_is_named_was_open_at_the_last_review() -> None:
    branches = Branches().sell(FORCE, DAYS, bad_team_with_one_worse)
    opened = min(alert.opened_at for alert in branches.about("team"))
    for alert in branches.about("agent"):
        if alert.group_alerts is not UNSET:
            assert alert.updated_at > opened


@pytest.mark.parametrize(("others", "is_judged"), [(7, True), (8, False)])
def test_a_group_is_judged_with_so_many_others_only(others: int, *, is_judged: bool) -> None:
    groups = GroupSettings(fewest_others=others, site=False)
    branches = Branches(structs.replace(QUICK, groups=groups)).sell(FORCE, DAYS, bad_team)
    assert branches.names("team") == ({"team 3"} if is_judged else set())
    assert branches.agents.groups.not_judged() == {"team": 0 if is_judged else 8}


def test_one_agent_is_no_team() -> None:
    force: list[Sold] = [(f"name {number}", "site 0", f"name {number}") for number in range(12)]

    def rate(sold: Sold, day: int) -> float:
        return 0.5 if sold[0] == "name 3" and day >= TURNED else 0.06

    branches = Branches().sell(force, DAYS, rate, sales=4)
    assert branches.names("agent") == {"name 3"}
    assert branches.names("team") == set()


def test_sales_that_name_no_group_are_judged_for_none() -> None:
    force: list[Sold] = [(agent, "site 0", None) for agent, _, _ in FORCE]
    branches = Branches().sell(force, range(10), honest())
    assert branches.agents.groups.not_judged() == {"site": 1, "team": 0}
    assert {judgement.kind for judgement in branches.seen} == {"agent", "site"}


def test_a_restart_changes_nothing() -> None:
    whole = Branches().sell(FORCE, DAYS, bad_team)
    cut = Branches().sell(FORCE, range(41), bad_team)
    cut.restarted()
    cut.sell(FORCE, range(41, 56), bad_team)
    assert cut.alerts == whole.alerts


def test_a_group_in_which_agents_come_and_go_is_judged_by_the_sales_made_in_it() -> None:
    moved = [(agent, site, "team 3" if team == "team 4" else team) for agent, site, team in FORCE]
    branches = Branches().sell(FORCE, range(TURNED), bad_team)
    branches.sell(
        moved, range(TURNED, 56), lambda sold, _: 0.25 if sold[0] == "agent 4-1" else 0.06
    )
    assert "agent 4-1" in branches.names("agent")
    assert not branches.names("team") & {"team 4"}


def false_alarms(labels: Labels, settings: Settings = QUICK) -> int:
    """Count the groups accused where agents differ, and groups are labels dealt to them."""
    found = 0
    for seed in range(4):
        generator = np.random.default_rng(seed)
        rates = levels(FORCE, generator.normal(0.0, 0.25, len(FORCE)))
        force = labels(FORCE, generator)
        branches = Branches(settings).sell(force, range(45), honest(rates), seed)
        found += len(branches.names("team")) + len(branches.names("site"))
    return found


def test_labels_dealt_to_honest_agents_accuse_no_group() -> None:
    # 12 groups for 45 days and 4 seeds are 6 group-years: at 10 a thousand, 0.06 false alarms.
    assert false_alarms(relabelled) <= 1


def test_the_law_catches_labels_that_follow_the_outcomes() -> None:
    def rate(sold: Sold, day: int) -> float:
        return 0.2 if sold[0].endswith("-0") and day >= TURNED else 0.06

    worst = [
        (agent, site, "team 0" if agent.endswith("-0") else team) for agent, site, team in FORCE
    ]
    assert Branches().sell(worst, DAYS, rate).names("team") == {"team 0"}
