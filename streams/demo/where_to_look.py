"""The end of the demo: what became of its alerts, where to look, and what to try."""

import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from detectors.alerts.alert import Alert
from streams.demo.ending import Ending
from streams.demo.installation import Places
from streams.demo.people import APPROVER, REVIEWER
from streams.printable import printable

_PROGRAM: Final = "aboveboard"


def decided(ending: Ending) -> Iterator[str]:
    """Yield what people decided, and how many alerts fire after that."""
    case, firing = ending.case, ending.firing
    if case is None or case.closing is None:
        yield "Nobody decided anything: no critical alert is open."
    else:
        yield "Two made-up people decided about the strongest alert:"
        yield f"{REVIEWER} acknowledged the case of {printable(case.subject.id)},"
        yield f"and proposed to close it as {case.closing.outcome}; {APPROVER} approved."
    alerts = "1 alert fires" if firing == 1 else f"{firing:,} alerts fire"
    closed = "" if case is None else ", none of them about the closed case"
    yield f"On call: {alerts} now{closed}."


def places(there: Places) -> Iterator[str]:
    """Yield where to look."""
    whose = "Alertmanager" if there.program is not None else "Alerts told"
    address = f"{there.alertmanager}/" if there.program else f"{there.alertmanager}/api/v2/alerts"
    yield f"Desk          {there.desk}/"
    yield f"Report        {there.report}"
    yield f"{whose:<12}  {address}"
    for name, url in there.metrics.items():
        yield f"{name:<12}  {url}"
    yield f"Kafka         {there.bootstrap}"


def commands(there: Places, alert: Alert | None) -> Iterator[str]:
    """Yield commands to copy, for another terminal."""
    program, broker = _program(), f"--broker {there.bootstrap}"
    yield f"{program} alerts {broker} list --severity critical"
    if alert is not None:
        yield f"{program} alerts {broker} show {alert.alert_id}"
        yield f"{program} alerts {broker} decide {alert.alert_id} reopen --note 'a second look'"
    yield f"{program} digest {broker}"


def _program() -> str:
    """Return how this program is called from a shell, as far as that is known."""
    called = sys.argv[0]
    if shutil.which(_PROGRAM) is not None or Path(called).name != _PROGRAM:
        return _PROGRAM
    return shlex.quote(called)
