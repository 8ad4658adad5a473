"""What strikes many at once is told of what was struck, and withdrawn once it is known."""

import pytest
from msgspec import UNSET

from detectors.alerts.evidence import RateEvidence
from tests.detectors.agents.causes.struck_worlds import (
    ONE,
    REGION,
    Field,
    late_reasons,
    lost_feed,
    one_ahead,
    outage,
)


@pytest.mark.parametrize(
    ("share", "field"), [(0.3, "site"), (0.6, "site"), (0.6, "team"), (0.6, "product")]
)
def test_an_outage_is_told_of_the_region_or_team_and_of_no_agent(
    share: float, field: Field
) -> None:
    centre = outage(share, field)
    assert centre.about("agent") == []
    for kind in ("site", "team"):
        assert centre.open_at_the_end(kind) == ({REGION} if kind == field else set())


def test_both_tiers_withdraw_what_they_told_of_who_was_a_little_ahead() -> None:
    centre = one_ahead()
    about = centre.about("agent")
    assert {alert.agent_id for alert in about} == {ONE}
    (region,) = {alert.alert_id for alert in centre.about("site")}
    latest = {alert.pattern: alert for alert in about}
    assert sorted(latest) == ["quick_cancellation", "quick_cancellation_early"]
    for alert in latest.values():
        assert (alert.status, alert.withdrawal) == ("withdrawn", "common_cause")
        assert alert.group_alerts == (region,)


def test_what_was_told_of_a_site_is_withdrawn_once_its_feed_is_found_blind() -> None:
    centre = lost_feed()
    assert centre.about("agent") == []
    *before, last = centre.about("site")
    assert {alert.alert_id for alert in before} == {last.alert_id}
    assert {alert.status for alert in before} == {"open"}
    assert (last.status, last.withdrawal) == ("withdrawn", "corrected")
    assert isinstance(before[-1].evidence, RateEvidence)
    told = before[-1].evidence.observed
    assert f"of the {told} bad outcomes told last, {told} were taken back" in last.summary
    assert f"({told} rest on time that could not be seen)" in last.summary
    assert last.data_quality is not UNSET
    assert "account activity of site 'south' could not be seen" in last.data_quality[0]


def test_what_was_told_of_an_agent_is_withdrawn_once_the_reasons_come() -> None:
    centre = late_reasons()
    *before, last = centre.about("agent")
    assert {alert.agent_id for alert in (*before, last)} == {ONE}
    assert {alert.status for alert in before} == {"open"}
    assert (last.status, last.withdrawal) == ("withdrawn", "corrected")
    assert "(17 do not count any more, by later records)" in last.summary
    withdrawn = [one for one in centre.about("account") if one.status == "withdrawn"]
    assert len(withdrawn) >= 17
    assert {one.agent_id for one in withdrawn} == {ONE}
