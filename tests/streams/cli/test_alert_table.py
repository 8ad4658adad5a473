"""The table of alerts: strongest first, within 80 columns, and safe for the terminal."""

from collections.abc import Iterable
from io import StringIO

from rich.console import Console

from detectors.alerts.alert import Alert
from streams.cli.alert_table import agent_table, strongest_first
from tests.streams.alerts_at_hand import agent_alert


def shown(alerts: Iterable[Alert]) -> str:
    console = Console(file=StringIO(), width=80, force_terminal=False)
    with console.capture() as capture:
        console.print(agent_table(alerts, "Open alerts"))
    return capture.get()


def test_critical_comes_first_then_the_surest_effect_then_the_evidence() -> None:
    ranked = [
        agent_alert("a", severity="critical", lower=1.5),
        agent_alert("b", lower=3.0),
        agent_alert("c", lower=2.0, value=1e9),
        agent_alert("d", lower=2.0, value=1e6),
    ]
    assert strongest_first(reversed(ranked)) == ranked


def test_a_row_says_who_what_since_when_and_how_much() -> None:
    text = shown([agent_alert("agent-0042", severity="critical")])
    for word in (
        "agent-0042",
        "critical",
        "quick_cancellation",
        "2025-03-01",
        "2025-04-01",
        "12 / 2.5 of 40",
        "2.1 (1.6 to 2.9)",
        "0123456789abcdef01234567",
    ):
        assert word in text
    assert max(map(len, text.splitlines())) <= 80


def test_an_id_cannot_command_the_terminal_or_the_table() -> None:
    text = shown([agent_alert("\x1b[2J[bold]\nagent")])
    assert "\x1b" not in text
    assert "[bold]" in text
