"""An explanation as a whole: what was told, why, and whether both agree."""

from typing import Final

from rich.console import Console

from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.commission.action import Action, CommissionAction
from streams.printable import printable

_SAID: Final[dict[type, str]] = {
    Alert: "the alert says",
    CommissionAction: "was told of the commission",
    Commendation: "the commendation says",
}

_BECOMES: Final[dict[Action, str]] = {
    "release": "is released",
    "claw_back": "is clawed back",
    "hold": "is held",
    "none": "is left alone",
}


def print_heading(latest: Alert | CommissionAction | Commendation, console: Console) -> None:
    """Print what the last revision says, and which one it is."""
    match latest:
        case CommissionAction():
            _print_commission(latest, console)
        case Commendation():
            console.print(printable(latest.summary))
            console.print(
                f"Commendation {latest.commendation_id}, {latest.status}, revision "
                f"{latest.revision}, opened {latest.opened_at.isoformat()}, updated "
                f"{latest.updated_at.isoformat()}"
            )
        case Alert():
            console.print(printable(latest.summary))
            console.print(
                f"Alert {latest.alert_id}, {latest.pattern} version {latest.pattern_version}, "
                f"{latest.severity}, {latest.status}, revision {latest.revision}, "
                f"opened {latest.opened_at.isoformat()}, updated {latest.updated_at.isoformat()}"
            )


def _print_commission(latest: CommissionAction, console: Console) -> None:
    amount = "a commission" if latest.amount is None else f"the commission of {latest.amount:g}"
    by = "nobody" if latest.agent_id is None else f"agent {printable(latest.agent_id)}"
    console.print(
        f"Sale {printable(latest.sale_id)} on account {printable(latest.account_id)}, sold by "
        f"{by}: {amount} {_BECOMES[latest.action]}. {printable(latest.reason)}"
    )
    console.print(
        f"Commission {latest.commission_id}, revision {latest.revision}, decided "
        f"{latest.decided_at.isoformat()}"
    )


def print_verdict(
    latest: Alert | CommissionAction | Commendation, console: Console, *, agrees: bool
) -> None:
    """Print whether the events give what was told."""
    what = _SAID[type(latest)]
    console.print(
        f"AGREE: the events give what {what}."
        if agrees
        else f"DISAGREE: the events do not give what {what}."
    )
