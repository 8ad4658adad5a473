"""What a ledger of keys was told of the time that not every ledger of accounts has passed."""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple, TypeVar

from msgspec import Struct, field

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.facts.mention import Mention
from detectors.facts.staff.record import StaffRecord
from detectors.facts.traffic.touch import Touch
from detectors.messages.mentions import MentionBundle

_AnyTold = Mention | Touch | StaffRecord
_Told = TypeVar("_Told", Mention, Touch, StaffRecord)


class Moment(NamedTuple):
    """What became known at one moment (seconds of event time).

    Or, with the beginning of time for ``taken_at``, what became known in time at several moments:
    it corrects nothing, so it can be taken at once.
    """

    taken_at: Seconds
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

    def taken(self, until: Seconds, reached: Seconds) -> Iterator[Moment]:
        """Take out what became known before a time; yield it in the order of its moments.

        Of a ledger that was empty, or was read again in another order, some became known before
        the time that was reached: they are taken now.
        """
        mentions, touches = _taken(self.mentions, until), _taken(self.touches, until)
        staff = _taken(self.staff, until)
        happened: list[Mention | Touch] = [*mentions, *touches]
        late = {one.known_at for one in happened if one.happened_at < max(one.known_at, reached)}
        # Whom a contact belongs to is asked of every sale there ever was.
        late.update(one.known_at for one in staff)
        everything: list[_AnyTold] = sorted([*happened, *staff], key=became_known)
        for moment, told in groupby(
            everything, key=lambda one: one.known_at if one.known_at in late else None
        ):
            known = list(told)
            yield Moment(
                BEGINNING if moment is None else max(moment, reached),
                [one for one in known if isinstance(one, Mention)],
                [one for one in known if isinstance(one, Touch)] if touches else [],
                [one for one in known if isinstance(one, StaffRecord)] if staff else [],
            )


def _taken(waiting: list[_Told], until: Seconds) -> list[_Told]:
    """Take out of a list what became known before a time; return it in the order of that."""
    waiting.sort(key=became_known)
    taken = bisect_left(waiting, until, key=became_known)
    before = waiting[:taken]
    del waiting[:taken]
    return before


def became_known(told: _AnyTold) -> Seconds:
    """Return the moment at which something became known (seconds of event time)."""
    return told.known_at
