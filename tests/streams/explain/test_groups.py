"""An alert about a team agrees with the outcomes just if it says what they give."""

import io
from collections.abc import Collection
from functools import cache
from typing import Any

import pytest
from msgspec import structs
from rich.console import Console

from detectors.alerts.alert import Alert, evidence_of
from detectors.alerts.evidence import RateEvidence
from detectors.basis.event_time import Day
from streams.explain.agent import AgentExplanation
from streams.explain.chart import opened_at_end_of
from streams.explain.evidence import Judged
from tests.detectors.agents.groups.branches import QUICK, Branches, Sold, sales_force

LAST = 59


def bad_team(sold: Sold, day: int) -> float:
    return 0.3 if sold[2] == "team 1" and day >= 30 else 0.06


@cache
def branches() -> Branches:
    return Branches().sell(sales_force(5, 4), range(LAST + 1), bad_team)


def explained(revisions: Collection[Alert]) -> AgentExplanation:
    judged = [
        Judged(
            one.day,
            one.sale_id,
            one.expected,
            one.bad,
            one.between_agent_sd,
            one.tempering,
            one.trials,
            one.bad_ones,
            one.cell,
        )
        for one in branches().seen
        if (one.kind, one.agent_id) == ("team", "team 1")
    ]
    opened = {opened_at_end_of(alert) for alert in branches().about("team")}
    return AgentExplanation(QUICK, [*revisions], judged, [], Day(LAST), opened)


def test_what_the_outcomes_of_the_team_give_agrees() -> None:
    revisions = branches().about("team")
    assert {alert.subject.id for alert in revisions} == {"team 1"}
    explanation = explained(revisions)
    assert explanation.agrees()
    console = Console(file=io.StringIO(), width=200)
    explanation.print(console)
    assert isinstance(console.file, io.StringIO)
    said = " ".join(console.file.getvalue().split())
    assert "Peers: all other teams, by product and channel." in said
    assert "Honest teams are taken to differ" in said


@pytest.mark.parametrize(
    "changes",
    [
        {"value": 1e6},
        {"observed": 3},
        {"matured": 1},
        {"expected": 0.5},
        {"rate_ratio": 9.0},
        {"likely_start": "1970-01-20"},
    ],
)
def test_a_figure_that_was_tampered_with_disagrees(changes: dict[str, Any]) -> None:
    first, *others = branches().about("team")
    evidence = structs.replace(evidence_of(first, RateEvidence), **changes)
    assert not explained([structs.replace(first, evidence=evidence), *others]).agrees()
