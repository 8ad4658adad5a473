from datetime import UTC, datetime
from typing import Literal

from rich.console import Console

from detectors.alerts.alert import Alert, Severity, Subject
from detectors.basis.identifiers import AgentId, PatternName
from streams.demo.report import verdict_sentence, verdict_table, verdicts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import PlantedAgent, Truth
from tests.streams.alerts_at_hand import agent_alert

TRUTH = Truth(
    seed=1,
    parameters=SimulationSettings(agents=10, days=30, seed=1),
    honest_agents=8,
    planted=(
        PlantedAgent("agent-1", "quick_cancellation", "2025-01-10T00:00:00Z", 0.25, 3, 4),
        PlantedAgent("agent-2", "unused_account", "2025-01-10T00:00:00Z", 0.30, 3, 4),
    ),
    events={"sale": 4},
)


def sale(agent_id: str, day: int) -> bytes:
    return (
        f'{{"type":"sale","agent_id":"{agent_id}","occurred_at":"2025-01-{day:02}T12:00:00Z"}}'
    ).encode()


def alert(
    subject: str,
    *,
    pattern: str = "quick_cancellation",
    severity: Severity = "warning",
    revision: int = 1,
    kind: Literal["agent", "account"] = "agent",
    day: int = 25,
) -> Alert:
    opened = datetime(2025, 1, day, tzinfo=UTC)
    return Alert(
        alert_id=f"{pattern}-{subject}",
        revision=revision,
        status="open",
        pattern=PatternName(pattern),
        pattern_version=1,
        severity=severity,
        subject=Subject(kind, subject),
        agent_id=AgentId(subject),
        opened_at=opened,
        updated_at=opened,
        summary="",
        evidence=agent_alert().evidence,
        event_ids=(),
        config_hash="",
    )


def test_a_found_agent_is_counted_with_the_sales_it_took() -> None:
    lines = [sale("agent-1", day) for day in (5, 10, 14, 20, 26)]
    alerts = [alert("agent-1"), alert("agent-1", severity="critical", revision=2)]
    found, missed = verdicts(TRUTH, lines, alerts).findings
    assert found.alert is not None
    assert found.alert.severity == found.severity == "critical"
    assert (found.matured_sales, found.sales) == (2, 3)
    assert missed.alert is None


def test_an_honest_agent_with_an_alert_is_accused_once_at_his_worst() -> None:
    alerts = [
        alert("agent-3", severity="critical", pattern="unused_account"),
        alert("agent-3"),
        alert("account-9", kind="account", severity="info"),
    ]
    result = verdicts(TRUTH, [], alerts)
    assert result.accused == {"agent-3": "critical"}
    assert result.account_alerts == 1
    assert verdict_sentence(result) == (
        "Found 0 of 2 planted agents. Of 8 honest agents, 1 accused at critical, 0 at warning; "
        "1 accounts reported as unused (info)."
    )


def test_an_early_sign_finds_and_what_follows_at_maturity_is_its_severity() -> None:
    early = alert("agent-1", pattern="quick_cancellation_early", day=14)
    result = verdicts(TRUTH, [], [alert("agent-1", severity="critical"), early])
    found = result.findings[0]
    assert (found.alert, found.severity) == (early, "critical")
    assert verdicts(TRUTH, [], [early]).findings[0].severity == "warning"


def test_a_shift_finds_nobody_and_accuses_nobody() -> None:
    shifts = [alert(f"agent-{n}", pattern="volume_shift", severity="info") for n in (1, 3)]
    result = verdicts(TRUTH, [], shifts)
    assert result.findings[0].alert is None
    assert not result.accused


def test_an_alert_of_another_pattern_about_a_planted_agent_accuses_nobody_honest() -> None:
    result = verdicts(TRUTH, [], [alert("agent-1", pattern="unused_account")])
    assert not result.accused
    assert result.findings[0].alert is None


def test_the_table_fits_eighty_columns() -> None:
    console = Console(width=80, record=True, force_terminal=False)
    with console.capture() as capture:
        console.print(verdict_table(verdicts(TRUTH, [sale("agent-1", 12)], [alert("agent-1")])))
    assert "2025-01-10" in capture.get()
    assert "…" not in capture.get()
