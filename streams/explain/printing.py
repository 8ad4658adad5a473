"""An explanation as a whole: what the alert says, why, and whether both agree."""

from rich.console import Console

from detectors.alerts.alert import Alert
from streams.printable import printable


def print_heading(latest: Alert, console: Console) -> None:
    """Print what the last revision says, and which one it is."""
    console.print(printable(latest.summary))
    console.print(
        f"Alert {latest.alert_id}, {latest.pattern} version {latest.pattern_version}, "
        f"{latest.severity}, {latest.status}, revision {latest.revision}, "
        f"opened {latest.opened_at.isoformat()}, updated {latest.updated_at.isoformat()}"
    )


def print_verdict(console: Console, *, agrees: bool) -> None:
    """Print whether the events give what the alert says."""
    console.print(
        "AGREE: the events give what the alert says."
        if agrees
        else "DISAGREE: the events do not give what the alert says."
    )
