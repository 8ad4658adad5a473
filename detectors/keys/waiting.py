"""What a ledger of keys was told of the time that not every ledger of accounts has passed."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from detectors.basis.event_time import Seconds
from detectors.facts.mention import Mention
from detectors.facts.staff.record import StaffRecord
from detectors.facts.traffic.touch import Touch
from detectors.messages.mentions import MentionBundle

_AnyTold = Mention | Touch | StaffRecord
_Told = TypeVar("_Told", Mention, Touch, StaffRecord)


class Moment(NamedTuple):
    """What became known at one moment (seconds of event time)."""

    known_at: Seconds
    mentions: list[Mention]
    touches: list[Touch]
    staff: list[StaffRecord]


class Waiting(Struct, array_like=True):
    """What waits, in the order in which it came; all of it is saved."""

    mentions: list[Mention] = field(default_factory=list)
    touches: list[Touch] = field(default_factory=list)
    staff: list[StaffRecord] = field(default_factory=list)

    def add(self, bundle: MentionBundle) -> None:
        """Add what a bundle tells."""
        self.mentions += bundle.mentions
        self.touches += bundle.touches
        self.staff += bundle.staff

    def taken(self, until: Seconds) -> Iterator[Moment]:
        """Take out what became known before a time; yield every moment of it, in their order."""
        mentions, touches = _taken(self.mentions, until), _taken(self.touches, until)
        staff = _taken(self.staff, until)
        everything: list[_AnyTold] = sorted([*mentions, *touches, *staff], key=_moment)
        for known_at, told in groupby(everything, key=_moment):
            known = list(told)
            yield Moment(
                known_at,
                [one for one in known if isinstance(one, Mention)],
                [one for one in known if isinstance(one, Touch)] if touches else [],
                [one for one in known if isinstance(one, StaffRecord)] if staff else [],
            )


def _taken(waiting: list[_Told], until: Seconds) -> list[_Told]:
    """Take out of a list what became known before a time; return it in the order of that."""
    waiting.sort(key=_moment)
    taken = bisect_left(waiting, until, key=_moment)
    before = waiting[:taken]
    del waiting[:taken]
    return before


def _moment(told: _AnyTold) -> Seconds:
    return told.known_at
