"""Alerts as a table in the terminal."""

from collections.abc import Iterable
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import AgainstPeers, FactEvidence, RateEvidence, ShiftEvidence
from detectors.basis.identifiers import GROUP_KINDS
from detectors.patterns.early import mature_name
from streams.printable import printable

SEVERITY_STYLES: Final = {"critical": "bold red", "warning": "yellow", "info": "cyan"}
_RANKS: Final = {"critical": 0, "warning": 1, "info": 2}


def strongest_first(alerts: Iterable[Alert]) -> list[Alert]:
    """Sort by severity, then by the lower limit of the rate ratio, then by evidence; then by id."""
    return sorted(alerts, key=_strength)


def _strength(alert: Alert) -> tuple[int, float, float, str]:
    lower, value = 0.0, 0.0
    match alert.evidence:
        case AgainstPeers(rate_ratio_low=lower, value=value):
            pass
        case ShiftEvidence(value=float(value)):
            pass
    return (_RANKS[alert.severity], -lower, -value, alert.alert_id)


def agent_table(alerts: Iterable[Alert], title: str) -> Table:
    """Return a table of alerts about agents, one a row, in the order given; 80 columns hold it."""
    table = Table(
        title=title,
        title_justify="left",
        box=SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        show_edge=False,
    )
    table.add_column("agent\nalert", overflow="fold")
    table.add_column("severity\npattern", overflow="fold")
    table.add_column("since\nopened", no_wrap=True)
    table.add_column("bad / expected\ntimes peers (90 %)", no_wrap=True, justify="right")
    for alert in alerts:
        table.add_row(
            Text(f"{_subject(alert)}\n{alert.alert_id}"),
            _severity_and_pattern(alert),
            f"{_since(alert)}\n{alert.opened_at.date().isoformat()}",
            f"{observed_and_expected(alert)}\n{ratio_with_interval(alert)}",
        )
    return table


def _subject(alert: Alert) -> str:
    """Return who it is about; of a group also what it is."""
    kind = f"{alert.subject.type} " if alert.subject.type in GROUP_KINDS else ""
    return f"{kind}{printable(alert.subject.id)}"


def _since(alert: Alert) -> str:
    return "" if isinstance(alert.evidence, FactEvidence) else alert.evidence.likely_start


def _severity_and_pattern(alert: Alert) -> Text:
    """Tell an early sign beside its severity: the whole name of its pattern leaves no room."""
    pattern = mature_name(alert.pattern)
    early = "" if pattern == alert.pattern else ", early"
    return severity_text(alert).append(f"{early}\n{pattern}", style="default")


def severity_text(alert: Alert) -> Text:
    """Return the severity in its colour."""
    return Text(alert.severity, style=SEVERITY_STYLES[alert.severity])


def observed_and_expected(alert: Alert) -> str:
    """Return how many outcomes were bad, how many would be among peers, and of how many matured."""
    evidence = alert.evidence
    if not isinstance(evidence, AgainstPeers):
        return ""
    matured = f" of {evidence.matured:,}" if isinstance(evidence, RateEvidence) else ""
    return f"{evidence.observed:,} / {evidence.expected:,.1f}{matured}"


def ratio_with_interval(alert: Alert) -> str:
    """Return the rate as a multiple of what peers have, with its interval."""
    evidence = alert.evidence
    if not isinstance(evidence, AgainstPeers):
        return ""
    return (
        f"{evidence.rate_ratio:.1f} ({evidence.rate_ratio_low:.1f} to "
        f"{evidence.rate_ratio_high:.1f})"
    )
