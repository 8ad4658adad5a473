"""What is known now and was not when an alert was told, so that it may have to be withdrawn."""

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.alerts.alert import Withdrawal
from detectors.alerts.wording import (
    common_cause_sentence,
    never_due_sentence,
    taken_back_sentence,
)
from detectors.basis.identifiers import GroupKind
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome

Why = Literal["good", "excused", "unseen"]
"""Why a bad outcome was taken back."""


class TakenBack(Struct, frozen=True):
    """Bad outcomes that an alert told of, and how many of them were taken back since.

    ``good`` turned out good, ``excused`` say nothing any more, by a later record, and ``unseen``
    rest on time that could not be seen.
    """

    told: int
    good: int = 0
    excused: int = 0
    unseen: int = 0


class Doubt(Struct, frozen=True):
    """What speaks against an open alert on a day.

    ``withdrawal`` is why it should never have been told, if so, ``taken_back`` what was taken back
    of what its last revision told. ``told_by`` are the ids of the alerts that tell of what struck a
    whole group, each with its kind.
    """

    withdrawal: Withdrawal | None = None
    taken_back: TakenBack | None = None
    told_by: tuple[tuple[GroupKind, str], ...] = ()

    def in_words(self) -> Iterator[str]:
        """Yield sentences, none where nothing is in doubt."""
        if self.withdrawal == "common_cause":
            yield common_cause_sentence([kind for kind, _ in self.told_by])
        elif self.withdrawal == "corrected":
            yield never_due_sentence()
        if (back := self.taken_back) is not None:
            yield taken_back_sentence(back.told, back.good, back.excused, back.unseen)


NO_DOUBT: Final = Doubt()


def nothing_corrected(_: int, __: OpenAlert) -> Doubt:
    """Return that no correction speaks against the alert of a row."""
    return NO_DOUBT


def why_taken_back(corrected: Outcome) -> Why:
    """Return why an outcome is bad no more.

    What a ledger excludes names no events. What sight leaves out still names those for which it was
    bad.
    """
    if corrected.verdict is not Verdict.EXCLUDED:
        return "good"
    return "unseen" if corrected.event_ids else "excused"
