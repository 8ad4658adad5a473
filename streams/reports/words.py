"""What a report says of each pattern beside what its alerts say themselves, and how to read it."""

from collections.abc import Mapping
from typing import Final, NamedTuple

from detectors.basis.identifiers import PatternName
from detectors.messages.disputes import CONTESTED_SALE
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
    """

    title: str
    counts: str = ""


_EARLY_COUNTS: Final = (
    "{observed} sales were cancelled within {window}, counted from {since} to {until} on the day "
    "of each cancellation."
)

_WORDS: Final[Mapping[str, PatternWords]] = {
    "quick_cancellation": PatternWords(
        "Quick cancellation",
        "{observed} of {trials} sales were cancelled within {window}. Counted are the sales "
        "whose {window} ended from {since} to {until}.",
    ),
    "unused_account": PatternWords(
        "Unused accounts",
        "{observed} of {trials} accounts were never used by the customer within {window}. "
        "Counted are the sales whose {window} ended from {since} to {until}.",
    ),
    "burst": PatternWords(
        "Burst of cancellations",
        "{observed} of {trials} days were days of a burst: many sales cancelled together. "
        "Counted are days from {since} to {until} on which windows of sales ended.",
    ),
    CONTESTED_SALE: PatternWords("Contested sales"),
    "volume_shift": PatternWords("Change of the number of sales"),
    "amount_shift": PatternWords("Change of the amounts"),
}


def words_of(pattern: PatternName) -> PatternWords:
    """Return the words for a pattern by its name on the wire, early tier or not."""
    words = _WORDS.get(mature_name(pattern))
    if words is None:
        return PatternWords(pattern.replace("_", " ").capitalize())
    if is_early(pattern):
        return PatternWords(f"{words.title}, early sign", _EARLY_COUNTS)
    return words


PROMISE: Final = "A pattern to review, never a verdict: people decide."

ACCOUNTS: Final = (
    "A count, not a rate: who sells more has more. Compare agents by their alerts above, and call "
    "the customers of these accounts."
)

HOW_TO_READ: Final = (
    "As counted: what the events say, and nothing else. You can count it again.",
    "Peers: what other sellers have with the same kind of sales, as the settings compare them.",
    "Best estimate: how often it would be in the long run, honest or not, with a 90 % interval.",
    "It may lie below what was counted, where few sales leave much to chance. Act on it.",
    "Evidence: how strongly the outcomes speak against an honest agent.",
    "A warning begins where evidence is so strong that chance alone seldom reaches it.",
    "Critical: a warning that stands out among all agents, and whose effect is surely large.",
    "Early sign: cancellations that are counted before the window of the sale has passed.",
    "Sales whose window has not passed are in no figure. They are not good, and not bad.",
)
