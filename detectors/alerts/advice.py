"""What an alert says to whoever reviews it: what to do first, what may be honest, what clears it.

Aboveboard sees events and nothing else. So honest explanations are two lists: those that count
against nobody, since the pattern knows them by the events, and those that a person must look into.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from detectors.alerts.alert import Alert, Ending
from detectors.patterns.advice import Advice

WITHDRAWN: Final = "Take back what was done because of this alert: what it said does not hold."
_RESOLVED: Final = "Nothing new to look at: it does not go on. Decide the case, if nobody has."
_SILENT: Final = (
    "Nothing new to look at: nothing of theirs has been judged for long, which explains nothing. "
    "Decide the case, if nobody has."
)
_EXPLAINED: Final = "Nothing to do: two people found an honest explanation."

AFTER: Final[Mapping[Ending | UnsetType, str]] = {
    "evidence_fell": _RESOLVED,
    "silent": _SILENT,
    "explained": _EXPLAINED,
    UNSET: _RESOLVED,
}


def advised(alert: Alert, checked: tuple[str, ...], advice: Advice) -> Alert:
    """Return the alert with the words of its pattern, for its status.

    `checked` are the honest explanations that the pattern counts against nobody. A withdrawal has
    nothing left to explain or to clear: it says only what to do.
    """
    if alert.status == "withdrawn":
        return msgspec.structs.replace(alert, next_step=WITHDRAWN)
    return msgspec.structs.replace(
        alert,
        next_step=AFTER[alert.ending] if alert.status == "resolved" else advice.next_step,
        would_clear=advice.would_clear,
        explanations_checked=checked or UNSET,
        explanations_unchecked=advice.explanations_unchecked,
    )
