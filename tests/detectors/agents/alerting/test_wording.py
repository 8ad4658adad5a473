"""What alerts say of peers, and of alerts before them."""

from datetime import UTC, datetime
from typing import Final

import pytest
from msgspec import UNSET, UnsetType

from detectors.agents.alerting.agent_alert import AgentAlerts, AlertContext, EvidenceSummary
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.tier_config import TierConfig
from detectors.alerts.alert import Ending, PriorAlert, Status, evidence_of
from detectors.alerts.evidence import RateEvidence
from detectors.alerts.wording import prior_in_words
from detectors.basis.event_time import Day, Seconds
from detectors.basis.identifiers import AgentId, PatternName
from detectors.events.decision import Outcome
from detectors.evidence.explanation import Counts, LikelyStart
from detectors.messages.outcomes import Spread
from detectors.settings import Settings


def test_peers_of_a_burst_are_days_and_those_of_a_rate_are_sales() -> None:
    settings = Settings()
    start = LikelyStart(Day(20_000), Counts(10, 5, 0.5), 1.0)
    summary = EvidenceSummary(Day(20_010), 1e5, start, Spread(0.3, 1.0))
    said = {
        pattern.name: evidence_of(
            AgentAlerts(TierConfig(settings, "hash", pattern, 1e4)).revision(
                AgentId("anna"),
                OpenAlert("id", Seconds(0.0)),
                "open",
                summary,
                AlertContext(0, (), None),
            ),
            RateEvidence,
        ).peers
        for pattern in settings.patterns.enabled()
    }
    days = said.pop(PatternName("burst"))
    assert days.startswith("the days of all other sellers, by how many bursts")
    assert set(said.values()) == {"all other sellers, by product and channel"}


STATES: Final = (
    (OpenAlert("id", Seconds(0.0), below_since=Day(20_000)), "", UNSET, UNSET),
    (
        OpenAlert("id", Seconds(0.0), below_since=Day(20_000), quiet=True),
        "since 2024-10-04",
        "2024-10-04",
        UNSET,
    ),
    (
        OpenAlert("id", Seconds(0.0), heard_on=Day(20_001), ending="silent"),
        "judged since 2024-10-05",
        UNSET,
        "silent",
    ),
    (
        OpenAlert("id", Seconds(0.0), below_since=Day(1), quiet=True, ending="evidence_fell"),
        "far below the threshold",
        UNSET,
        "evidence_fell",
    ),
)


@pytest.mark.parametrize(("alert", "said", "quiet_since", "ending"), STATES)
def test_a_quiet_alert_and_one_that_ended_say_so(
    alert: OpenAlert, said: str, quiet_since: str | UnsetType, ending: Ending | UnsetType
) -> None:
    settings = Settings()
    start = LikelyStart(Day(20_000), Counts(10, 5, 0.5), 1.0)
    alerts = AgentAlerts(TierConfig(settings, "hash", settings.patterns.enabled()[0], 1e4))
    revision = alerts.revision(
        AgentId("anna"),
        alert,
        "open",
        EvidenceSummary(Day(20_010), 1e5, start, Spread(0.3, 1.0)),
        AlertContext(0, (), None),
    )
    assert said in revision.summary
    assert revision.summary.endswith("not a verdict.") == (not said)
    assert (revision.quiet_since, revision.ending) == (quiet_since, ending)


def prior(number: int, status: Status, outcome: Outcome | UnsetType = UNSET) -> PriorAlert:
    moment = datetime(2025, 3, number, tzinfo=UTC)
    return PriorAlert(f"{number}", PatternName("burst"), "warning", status, moment, outcome)


@pytest.mark.parametrize(
    ("alerts", "said"),
    [
        (
            [prior(1, "resolved", "honest"), prior(2, "open", "confirmed"), prior(3, "open")],
            "3 other alerts about them (2 open, 1 resolved); people found 1 confirmed, 1 honest",
        ),
        (
            [prior(1, "withdrawn")],
            "1 other alert about them (1 withdrawn); nobody has decided about any",
        ),
    ],
)
def test_prior_alerts_are_counted_in_words(alerts: list[PriorAlert], said: str) -> None:
    assert prior_in_words(alerts) == said
