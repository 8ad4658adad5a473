"""What a report says of each pattern: what it is, what to do next, what would clear it.

Aboveboard sees events and nothing else. So every list of honest explanations says which of them the
pattern has left out of its counts, and which only a person can look into.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from detectors.basis.identifiers import PatternName
from detectors.patterns.early import is_early, mature_name


class PatternWords(NamedTuple):
    """The words for one pattern.

    Attributes
    ----------
    title
        Its name for people.
    counts
        How its bad outcomes read: ``{observed}``, ``{trials}``, ``{window}``, ``{since}`` and
        ``{until}`` are filled in; empty where the sentence of the alert itself is to be read.
    next_step
        What a reviewer does first.
    left_out
        Honest explanations that are in no figure, if the events tell of them.
    to_check
        Honest explanations that nobody has checked yet.
    clears
        What would clear the agent.
    """

    title: str
    counts: str
    next_step: str
    left_out: tuple[str, ...]
    to_check: tuple[str, ...]
    clears: str


_QUICK: Final = PatternWords(
    title="Quick cancellation",
    counts="{observed} of {trials} sales were cancelled within {window}. Counted are the sales "
    "whose {window} ended from {since} to {until}.",
    next_step="Listen to the calls, or ask the customers, of five of the cancelled sales. Did each "
    "of them want what was sold, and know what it costs?",
    left_out=(
        "cancelled for a reason that the settings exclude, such as a fault of the service",
        "replaced by another sale that the customer wanted",
        "only a small part of the amount refunded",
    ),
    to_check=(
        "A returns or retention desk: they book under their login what others sold.",
        "A product, price or campaign that only this agent sold, and that customers regret.",
        "Other work than peers have: another queue, region, language or kind of customer.",
        "A shared login, or a login that somebody else used.",
    ),
    clears="An explanation that holds for most of the cancelled sales, and that is on record from "
    "before this alert (a roster, a campaign, a list of logins).",
)

_UNUSED: Final = PatternWords(
    title="Unused accounts",
    counts="{observed} of {trials} accounts were never used by the customer within {window}. "
    "Counted are the sales whose {window} ended from {since} to {until}.",
    next_step="Ask the customers of five of the unused accounts whether they know the account, and "
    "wanted it. Use another number than the one on the sale.",
    left_out=(
        "cancelled by the customer, who thus knew of it",
        "activity of which nobody can tell whether it was use",
    ),
    to_check=(
        "Use that no source reports: another channel, an app, a branch, a partner.",
        "Accounts that begin later: a delivery, a card in the mail, a policy from next year.",
        "A product that lies idle by nature, such as a reserve or an insurance.",
        "Ids that two systems spell differently, for the sales of this agent alone.",
    ),
    clears="Use of the accounts by their customers from another record, or the customers' own "
    "word that they wanted them.",
)

_BURST: Final = PatternWords(
    title="Burst of cancellations",
    counts="{observed} of {trials} days were days of a burst: many sales cancelled together. "
    "Counted are days from {since} to {until} on which windows of sales ended.",
    next_step="Open the sales of the latest such day. Who were the customers, and who cancelled?",
    left_out=("cancellations for a reason that is not the agent's doing (as the settings list)",),
    to_check=(
        "A group, a family or a firm that booked together and cancelled together.",
        "A fault of a system, or a clean-up by the back office, on that day.",
        "A shared login.",
    ),
    clears="One honest cause for each of the days, such as a group that cancelled its booking.",
)

_EARLY_COUNTS: Final = (
    "{observed} sales were cancelled within {window}, counted from {since} to {until} on the day "
    "of each cancellation."
)

_OTHER: Final = PatternWords(
    title="",
    counts="",
    next_step="Read the sentence, then look at the agent's sales of those days.",
    left_out=(),
    to_check=("Other work, other hours or other customers than before.",),
    clears="An honest reason on record for the change.",
)

_WORDS: Final[Mapping[str, PatternWords]] = {
    "quick_cancellation": _QUICK,
    "unused_account": _UNUSED,
    "burst": _BURST,
    "volume_shift": _OTHER._replace(title="Change of the number of sales"),
    "amount_shift": _OTHER._replace(title="Change of the amounts"),
}


def words_of(pattern: PatternName) -> PatternWords:
    """Return the words for a pattern by its name on the wire, early tier or not."""
    words = _WORDS.get(mature_name(pattern))
    if words is None:
        return _OTHER._replace(title=pattern)
    if is_early(pattern):
        return words._replace(title=f"{words.title}, early sign", counts=_EARLY_COUNTS)
    return words


PROMISE: Final = "A pattern to review, never a verdict: people decide."

ACCOUNTS: Final = (
    "A count, not a rate: who sells more has more. Compare agents by their alerts above, and call "
    "the customers of these accounts."
)

HOW_TO_READ: Final = (
    "As counted: what the events say, and nothing else. You can count it again.",
    "Peers: what other sellers have with the same kind of sales, as the settings compare them.",
    "Cautious estimate: it starts from honest, and moves only as far as the sales oblige it to.",
    "So it may lie far below what was counted. It is the figure to act on.",
    "Evidence: how strongly the outcomes speak against an honest agent.",
    "A warning begins where evidence is so strong that chance alone seldom reaches it.",
    "Critical: a warning that stands out among all agents, and whose effect is surely large.",
    "Early sign: cancellations that are counted before the window of the sale has passed.",
    "Sales whose window has not passed are in no figure. They are not good, and not bad.",
)
