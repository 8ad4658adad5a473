"""An alert that was withdrawn agrees with the events just if it says what they give."""

import io
from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import pytest
from msgspec import UNSET, structs
from rich.console import Console

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import RateEvidence
from detectors.basis.event_time import DAY, Day, Seconds, day_of
from streams.explain.agent import AgentExplanation
from streams.explain.alert import corrections_among, outcomes_among
from streams.explain.chart import opened_at_end_of, reported_at_end_of
from tests.detectors.agents.causes.struck_worlds import Centre, late_reasons, lost_feed, one_ahead
from tests.detectors.agents.causes.test_struck_site import FORCE, MEMBER
from tests.detectors.agents.causes.test_withdrawn import SEED, ahead_by
from tests.detectors.agents.groups.branches import QUICK, Branches


def explained(centre: Centre, revisions: Sequence[Alert]) -> AgentExplanation:
    subject, pattern = revisions[0].subject, revisions[0].pattern
    seen = [
        one
        for one in centre.judgements
        if (one.kind, one.agent_id, one.pattern) == (subject.type, subject.id, pattern)
    ]
    told = [one for one in centre.alerts if (one.subject, one.pattern) == (subject, pattern)]
    struck = {reported_at_end_of(one) for one in told if one.withdrawal == "common_cause"}
    return AgentExplanation(
        centre.settings,
        revisions,
        outcomes_among(seen),
        list(corrections_among(seen)),
        Day(day_of(centre.until) - 1),
        {opened_at_end_of(alert) for alert in told},
        struck=struck,
    )


@cache
def struck_branches() -> tuple[Centre, list[Alert]]:
    branches = Branches().sell(FORCE, range(46), ahead_by(4), SEED)
    seen = [one for one in branches.seen if one.agent_id == MEMBER]
    centre = Centre(QUICK, seen, branches.alerts, Seconds(46 * DAY))
    return centre, branches.about("agent")


def _is_early(alert: Alert) -> bool:
    return alert.pattern == "quick_cancellation_early"


def withdrawn_ones() -> dict[str, tuple[Centre, list[Alert]]]:
    return {
        "corrected": (late_reasons(), late_reasons().about("agent")),
        "unseen": (lost_feed(), lost_feed().about("site")),
        "common_cause": struck_branches(),
        "early": (one_ahead(), [one for one in one_ahead().about("agent") if _is_early(one)]),
    }


def printed(explanation: AgentExplanation) -> str:
    console = Console(file=io.StringIO(), width=200)
    explanation.print(console)
    assert isinstance(console.file, io.StringIO)
    return " ".join(console.file.getvalue().split())


@pytest.mark.parametrize("which", ["corrected", "unseen", "common_cause", "early"])
def test_what_was_withdrawn_agrees(which: str) -> None:
    centre, revisions = withdrawn_ones()[which]
    assert revisions[-1].status == "withdrawn"
    explanation = explained(centre, revisions)
    assert explanation.agrees()
    assert "The alert is withdrawn: " in printed(explanation)


TAMPERED: Collection[dict[str, Any]] = (
    {"status": "open", "withdrawal": UNSET},
    {"status": "resolved", "withdrawal": UNSET, "ending": "evidence_fell"},
    {"withdrawal": "another"},
    {"withdrawal": UNSET},
    {"observed": 99},
)


@pytest.mark.parametrize("which", ["corrected", "unseen", "common_cause"])
@pytest.mark.parametrize("changes", TAMPERED)
def test_a_withdrawal_that_was_tampered_with_disagrees(which: str, changes: dict[str, Any]) -> None:
    centre, (*before, last) = withdrawn_ones()[which]
    if "observed" in changes:
        evidence = structs.replace(evidence_of(last, RateEvidence), **changes)
        changes = {"evidence": evidence}
    elif changes.get("withdrawal") == "another":
        other = "corrected" if last.withdrawal == "common_cause" else "common_cause"
        changes = {"withdrawal": other}
    assert not explained(centre, [*before, structs.replace(last, **changes)]).agrees()


def test_a_withdrawal_before_its_day_disagrees() -> None:
    centre, revisions = withdrawn_ones()["corrected"]
    early = structs.replace(revisions[0], status="withdrawn", withdrawal="corrected")
    assert not explained(centre, [early, *revisions[1:]]).agrees()
