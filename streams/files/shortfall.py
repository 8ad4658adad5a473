"""What a run could not read, and whether that is too much: the reason for its exit code.

A run that says "done" though nothing could be read keeps a scheduled job green for a year.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field

from streams.printable import printable
from streams.wire.dead_letter import DeadLetter
from streams.wire.recognising import recognise

MOST_REFUSED: Final = 0.01
"""Share of the records that may be refused, unless the user says otherwise."""


class Refusals(Struct):
    """The records that were refused: how many by reason and by file, and the first by reason."""

    reasons: Counter[str] = field(default_factory=Counter)
    sources: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, letter: DeadLetter) -> None:
        """Count one more."""
        self.reasons[letter.reason] += 1
        self.sources[letter.source] += 1
        if letter.reason not in self.first:
            self.first[letter.reason] = f"{letter.location()}: {letter.detail}"


class Tally(NamedTuple):
    """What was read of some files, as far as it decides how a run ends.

    ``used``: records that were applied, or were without consequence. ``left_out``: records that
    were not wanted. ``beginnings``: the first bytes of every file. ``holes``: what is missing.
    """

    used: int
    left_out: int
    refusals: Refusals
    beginnings: Mapping[str, bytes]
    holes: Sequence[str]


def nothing_used(tally: Tally, not_wanted: str) -> str | None:
    """Return why not one record was used, None if one was; `not_wanted` names those left out."""
    refused = tally.refusals.reasons.total()
    if tally.used:
        return None
    if refused:
        return f"every record was refused ({refused:,}): {_reason(tally)}"
    if tally.left_out:
        return f"no record was applied: all {tally.left_out:,} are {not_wanted}"
    if tally.holes:
        return f"no record was found: {tally.holes[0]}"
    return f"no record was found: {_in_words(list(tally.beginnings))} empty"


def too_little(tally: Tally, most_refused: float) -> str | None:
    """Return why not enough was read, None if it was; `most_refused` is a share of the records."""
    reasons = list(tally.holes)
    refused = tally.refusals.reasons.total()
    records = tally.used + tally.left_out + refused
    if refused > most_refused * records:
        reasons.append(
            f"{refused:,} of {records:,} records were refused ({refused / records:.2%}), more than "
            f"--most-refused {_percent(most_refused)}: {_reason(tally)}"
        )
    return "; ".join(reasons) or None


def _reason(tally: Tally) -> str:
    """Return what the file with most of them looks like, else what most of them have in common."""
    refusals = tally.refusals
    ((path, _),) = refusals.sources.most_common(1)
    kind = recognise(tally.beginnings.get(path, b""))
    if kind is not None:
        return f"{printable(path)} {kind.sentence}"
    ((reason, count),) = refusals.reasons.most_common(1)
    most = "all" if count == refusals.reasons.total() else f"{count:,}"
    return f"{most} of them as {reason}, first {printable(refusals.first[reason])}"


def _in_words(paths: Sequence[str]) -> str:
    named = printable(paths[0])
    if len(paths) == 1:
        return f"{named} is"
    return f"{named} and {len(paths) - 1} more are"


def _percent(share: float) -> str:
    return f"{100 * share:.10g}%"
