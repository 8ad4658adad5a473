"""What the demo's alerts are worth, judged by the truth of its simulation."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

import msgspec
from msgspec import Struct
from rich.box import SIMPLE_HEAD
from rich.table import Table

from detectors.alerts.alert import Alert, Severity, evidence_of
from detectors.alerts.evidence import AgainstPeers
from detectors.basis.durations import seconds_of
from detectors.basis.identifiers import AgentId
from detectors.events.event import Moment
from detectors.patterns.early import mature_name
from streams.simulation.truth import PlantedAgent, Truth

_RANKS: Final[dict[Severity, int]] = {"info": 0, "warning": 1, "critical": 2}


class PlantedFinding(Struct, frozen=True):
    """What became of one planted agent.

    ``alert`` is the last revision of the first alert about the agent for that pattern, or for its
    early tier, or None; ``severity`` is the highest of all of them. ``matured_sales`` counts sales
    from the change whose window had ended when it was opened, ``sales`` all of them until then.
    """

    planted: PlantedAgent
    alert: Alert | None
    severity: Severity
    matured_sales: int
    sales: int


class Verdicts(Struct, frozen=True):
    """The demo's result.

    ``accused`` are the honest agents with a warning or worse, and its severity: an alert at *info*,
    about a shift, says no ill of anybody.
    """

    findings: tuple[PlantedFinding, ...]
    accused: dict[str, Severity]
    honest_agents: int
    account_alerts: int


class _SaleHead(Struct, gc=False):
    type: str
    occurred_at: Moment
    agent_id: AgentId | None = None


def verdicts(truth: Truth, lines: Iterable[bytes], alerts: Iterable[Alert]) -> Verdicts:
    """Compare the alerts of a run with the truth about the events in `lines`."""
    planted_ids = {planted.agent_id for planted in truth.planted}
    first: dict[tuple[str, str], Alert] = {}
    worst: dict[tuple[str, str], Severity] = {}
    accused: dict[str, Severity] = {}
    account_alerts: set[str] = set()
    for alert in sorted(alerts, key=lambda a: (a.opened_at, a.alert_id, a.revision)):
        if alert.subject.type == "account":
            account_alerts.add(alert.alert_id)
        if alert.subject.type != "agent":
            continue
        key = (alert.subject.id, mature_name(alert.pattern))
        if key not in first or first[key].alert_id == alert.alert_id:
            first[key] = alert
        worst[key] = _worse(worst.get(key, "info"), alert.severity)
        if alert.subject.id not in planted_ids and alert.severity != "info":
            known = accused.get(alert.subject.id, "info")
            accused[alert.subject.id] = _worse(known, alert.severity)
    sold = _sales_of(planted_ids, lines)
    return Verdicts(
        tuple(
            _finding(planted, first.get(key), worst.get(key, "info"), sold)
            for planted in truth.planted
            for key in [(planted.agent_id, planted.pattern)]
        ),
        accused,
        truth.honest_agents,
        len(account_alerts),
    )


def verdict_table(result: Verdicts) -> Table:
    """Return a table with a row for each planted agent."""
    table = Table(
        title="The planted agents",
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    for heading in ("agent", "planted", "rate", "from", "found", "opened"):
        table.add_column(heading, no_wrap=True)
    table.add_column("sales", no_wrap=True, justify="right")
    for finding in result.findings:
        planted, alert = finding.planted, finding.alert
        row = [planted.agent_id, planted.pattern, f"{planted.rate:.0%}", planted.since[:10]]
        if alert is None:
            row += ["[bold red]missed[/]", "", ""]
        else:
            row += [
                f"[green]{finding.severity}[/]",
                alert.opened_at.date().isoformat(),
                f"{finding.matured_sales:,} of {finding.sales:,}",
            ]
        table.add_row(*row)
    table.caption = "sales: those whose window had ended by then, of all made since the change"
    table.caption_justify = "left"
    return table


def verdict_sentence(result: Verdicts) -> str:
    """Return the result in two sentences."""
    found = sum(finding.alert is not None for finding in result.findings)
    accusations = {
        severity: sum(worst == severity for worst in result.accused.values())
        for severity in ("critical", "warning")
    }
    return (
        f"Found {found} of {len(result.findings)} planted agents. Of {result.honest_agents} honest "
        f"agents, {accusations['critical']} accused at critical, {accusations['warning']} at "
        f"warning; {result.account_alerts:,} accounts reported as unused (info)."
    )


def _worse(one: Severity, other: Severity) -> Severity:
    return max(one, other, key=_RANKS.__getitem__)


def _finding(
    planted: PlantedAgent,
    alert: Alert | None,
    severity: Severity,
    sold: dict[str, list[datetime]],
) -> PlantedFinding:
    if alert is None:
        return PlantedFinding(planted, None, severity, 0, 0)
    since = datetime.fromisoformat(planted.since)
    window = timedelta(seconds=seconds_of(evidence_of(alert, AgainstPeers).window))
    made = [at for at in sold.get(planted.agent_id, ()) if since <= at < alert.opened_at]
    matured = sum(at + window < alert.opened_at for at in made)
    return PlantedFinding(planted, alert, severity, matured, len(made))


def _sales_of(agents: set[str], lines: Iterable[bytes]) -> dict[str, list[datetime]]:
    decoder = msgspec.json.Decoder(_SaleHead)
    sold: dict[str, list[datetime]] = {}
    for line in lines:
        head = decoder.decode(line)
        if head.type == "sale" and head.agent_id in agents:
            sold.setdefault(head.agent_id, []).append(head.occurred_at)
    return sold
