"""What an alert says to whoever reviews it: what to do first, what may be honest, what clears it.

Aboveboard sees events and nothing else. So honest explanations are two lists: those that count
against nobody, since the pattern knows them by the events, and those that a person must look into.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from detectors.alerts.alert import Alert, Ending
from detectors.alerts.evidence import FactEvidence
from detectors.basis.identifiers import PatternName
from detectors.patterns.burst import Burst
from detectors.patterns.early import early_name
from detectors.patterns.quick_cancellation import QuickCancellation
from detectors.patterns.unused_account import UnusedAccount


class Advice(NamedTuple):
    """The words for the alerts of one pattern: the fields of `Alert` of the same names."""

    next_step: str
    would_clear: str
    explanations_unchecked: tuple[str, ...]


_QUICK: Final = Advice(
    next_step="Listen to the calls, or ask the customers, of five of the cancelled sales. Did each "
    "of them want what was sold, and know what it costs?",
    would_clear="An explanation that holds for most of the cancelled sales, and that is on record "
    "from before this alert (a roster, a campaign, a list of logins).",
    explanations_unchecked=(
        "A returns or retention desk: they book under their login what others sold.",
        "A product, price or campaign that only this agent sold, and that customers regret.",
        "Other work than peers have: another queue, region, language or kind of customer.",
        "A shared login, or a login that somebody else used.",
    ),
)

_QUICK_EARLY: Final = _QUICK._replace(
    explanations_unchecked=(
        *_QUICK.explanations_unchecked,
        "A new sale in the place of the cancelled one that was made only later.",
    )
)

_IDLE: Final = (
    "Use that no source reports: another channel, an app, a branch, a partner.",
    "Accounts that begin later: a delivery, a card in the mail, a policy from next year.",
    "A product that lies idle by nature, such as a reserve or an insurance.",
)

_UNUSED: Final = Advice(
    next_step="Ask the customers of five of the unused accounts whether they know the account, and "
    "wanted it. Use another number than the one on the sale.",
    would_clear="Use of the accounts by their customers from another record, or the customers' own "
    "word that they wanted them.",
    explanations_unchecked=(
        *_IDLE,
        "Ids that two systems spell differently, for the sales of this agent alone.",
    ),
)

_UNUSED_ACCOUNT: Final = Advice(
    next_step="Ask the customer whether they know the account, and wanted it. Use another number "
    "than the one on the sale.",
    would_clear="Use of the account by its customer from another record, or the customer's own "
    "word that they wanted it.",
    explanations_unchecked=(*_IDLE, "An id that two systems spell differently."),
)

_BURST: Final = Advice(
    next_step="Open the sales of the latest such day. Who were the customers, and who cancelled?",
    would_clear="One honest cause for each of the days, such as a group that cancelled its "
    "booking.",
    explanations_unchecked=(
        "A group, a family or a firm that booked together and cancelled together.",
        "A fault of a system, or a clean-up by the back office, on that day.",
        "A shared login.",
    ),
)

_OTHER: Final = Advice(
    next_step="Read the sentence, then look at the agent's sales of those days.",
    would_clear="An honest reason on record for the change.",
    explanations_unchecked=("Other work, other hours or other customers than before.",),
)

_OTHER_ACCOUNT: Final = Advice(
    next_step="Read the sentence, then ask the customer what they know of the sale.",
    would_clear="The customer's own word that they wanted the sale.",
    explanations_unchecked=("What no source reports.",),
)

_ABOUT_AGENTS: Final[Mapping[PatternName, Advice]] = {
    QuickCancellation.name: _QUICK,
    early_name(QuickCancellation.name): _QUICK_EARLY,
    UnusedAccount.name: _UNUSED,
    Burst.name: _BURST,
}

_ABOUT_ACCOUNTS: Final[Mapping[PatternName, Advice]] = {UnusedAccount.name: _UNUSED_ACCOUNT}

_WITHDRAWN: Final = "Take back what was done because of this alert: what it said does not hold."
_RESOLVED: Final = "Nothing new to look at: it does not go on. Decide the case, if nobody has."
_SILENT: Final = (
    "Nothing new to look at: nothing of theirs has been judged for long, which explains nothing. "
    "Decide the case, if nobody has."
)
_EXPLAINED: Final = "Nothing to do: two people found an honest explanation."

_AFTER: Final[Mapping[Ending | UnsetType, str]] = {
    "evidence_fell": _RESOLVED,
    "silent": _SILENT,
    "explained": _EXPLAINED,
    UNSET: _RESOLVED,
}


def advised(alert: Alert, checked: tuple[str, ...]) -> Alert:
    """Return the alert with the words for its pattern, its subject and its status.

    `checked` are the honest explanations that the pattern counts against nobody. A withdrawal has
    nothing left to explain or to clear: it says only what to do.
    """
    if alert.status == "withdrawn":
        return msgspec.structs.replace(alert, next_step=_WITHDRAWN)
    advice = _advice_on(alert)
    return msgspec.structs.replace(
        alert,
        next_step=_AFTER[alert.ending] if alert.status == "resolved" else advice.next_step,
        would_clear=advice.would_clear,
        explanations_checked=checked or UNSET,
        explanations_unchecked=advice.explanations_unchecked,
    )


def _advice_on(alert: Alert) -> Advice:
    if isinstance(alert.evidence, FactEvidence):
        return _ABOUT_ACCOUNTS.get(alert.pattern, _OTHER_ACCOUNT)
    return _ABOUT_AGENTS.get(alert.pattern, _OTHER)
