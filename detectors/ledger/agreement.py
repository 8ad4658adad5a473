"""The time of one source, as far as enough accounts agree about it; in compiled code.

A source that is wrong about the time is wrong about many events, and two of them agree as easily as
two right ones. So time moves only where the events of several accounts say so, and never by those
of few: how few is `docs/design.md`'s matter, and `asked` says it.

All of it is a function of the set of events, not of their order, as long as no event comes later
than the allowed lateness: the time agreed upon is the newest one that enough accounts have reached,
and the newest one is the latest event within reach of that.
"""

from typing import Final, NamedTuple

import numpy as np

from detectors.evidence.arrays import Bytes, Integers, Reals
from detectors.evidence.compilation import compiled

MOST_ASKED: Final = 10
"""So many accounts must have reached a time, once a source has told of enough of them."""

ONE_IN: Final = 10
"""One in so many of the accounts that were heard of lately is asked, where there are fewer."""

HEARD: Final = MOST_ASKED * ONE_IN
"""Accounts that are remembered as heard of, the latest ones; more would change nothing."""

MOST_WAITING: Final = 64
"""Events ahead of the agreed time that are remembered; some of ten accounts fit in."""

MOST_OF_ONE: Final = 4
"""Of them, those of one account."""

MOST_AGAINST: Final = 100
"""After so many events that would be late if it was right, a time that waits is forgotten."""

FAR: Final = 86_400.0
"""Seconds: whoever moves time by more than that is to be named."""

NEWEST, AGREED = range(2)
WAITING, HEARD_OF, OLDEST, LEAPS = range(4)


class Agreement(NamedTuple):
    """The arrays of one source.

    ``times`` holds the newest credible time and the time that is agreed upon. `counts` says how
    many events wait, how many accounts were heard of, which of those gives way to the next, and how
    often time moved far since the program began. ``at``, ``account`` and ``against`` are the events
    that wait, by time: whose they are, and how many events spoke against each. ``heard`` and
    ``heard_at`` are accounts, and their newest times.
    """

    times: Reals
    counts: Integers
    at: Reals
    account: Integers
    against: Integers
    heard: Integers
    heard_at: Reals


def no_agreement() -> Agreement:
    """Return the arrays of a source that has told of nothing."""
    return Agreement(
        np.full(2, -np.inf),
        np.zeros(4, dtype=np.int64),
        np.zeros(MOST_WAITING),
        np.zeros(MOST_WAITING, dtype=np.int64),
        np.zeros(MOST_WAITING, dtype=np.int64),
        np.zeros(HEARD, dtype=np.int64),
        np.zeros(HEARD),
    )


@compiled
def account_number(data: Bytes, start: int, length: int) -> np.int64:
    """Return a number of 60 bits for the bytes of an account's id, the same on every machine.

    Two accounts with one number count as one, so nobody can gain by finding some.
    """
    mixed = np.uint64(0xCBF29CE484222325)
    for place in range(start, start + length):
        mixed = (mixed ^ np.uint64(data[place])) * np.uint64(0x100000001B3)
    return np.int64(mixed >> np.uint64(4))


@compiled
def asked(heard: int) -> int:
    """Return how many accounts must have reached a time, if so many were heard of lately."""
    return min(MOST_ASKED, max(1, heard // ONE_IN))


@compiled
def _remove(one: Agreement, place: int) -> None:
    last = one.counts[WAITING] - 1
    for other in range(place, last):
        one.at[other] = one.at[other + 1]
        one.account[other] = one.account[other + 1]
        one.against[other] = one.against[other + 1]
    one.counts[WAITING] = last


@compiled
def _hear_of(one: Agreement, at: float, account: np.int64) -> None:
    known = one.counts[HEARD_OF]
    for place in range(known):
        if one.heard[place] == account:
            one.heard_at[place] = max(one.heard_at[place], at)
            return
    place = one.counts[OLDEST]
    one.heard[place], one.heard_at[place] = account, at
    one.counts[OLDEST] = (place + 1) % HEARD
    one.counts[HEARD_OF] = min(HEARD, known + 1)


@compiled
def _heard_since(one: Agreement, since: float) -> int:
    found = 0
    for place in range(one.counts[HEARD_OF]):
        if one.heard_at[place] >= since:
            found += 1
    return found


@compiled
def _contradict(one: Agreement, before: float) -> None:
    """Count an event against all that wait and are later than `before`."""
    place = one.counts[WAITING] - 1
    while place >= 0 and one.at[place] > before:
        one.against[place] += 1
        if one.against[place] >= MOST_AGAINST:
            _remove(one, place)
        place -= 1


@compiled
def _wait(one: Agreement, at: float, account: np.int64, reach: float) -> None:
    """Remember an event that is later than the agreed time."""
    limit = one.times[AGREED] + reach
    own = 0
    middle = place = one.counts[WAITING] - 1
    while place >= 0:
        if one.account[place] == account:
            other = one.at[place]
            if other == at or (other > at and at <= limit):
                return  # of those within reach only the last one of an account says anything
            if other < at and other <= limit:
                _remove(one, place)
                middle -= 1
            else:
                own += 1
                if own == 2:  # noqa: PLR2004 - the last but one
                    middle = place
        place -= 1
    if own == MOST_OF_ONE:
        # The last one decides how many have got how far, and the first ones are reached first.
        _remove(one, middle)
    if one.counts[WAITING] == MOST_WAITING:
        if at >= one.at[MOST_WAITING - 1]:
            return
        one.counts[WAITING] -= 1
    place = one.counts[WAITING]
    while place > 0 and (
        one.at[place - 1] > at or (one.at[place - 1] == at and one.account[place - 1] > account)
    ):
        one.at[place] = one.at[place - 1]
        one.account[place] = one.account[place - 1]
        one.against[place] = one.against[place - 1]
        place -= 1
    one.at[place], one.account[place], one.against[place] = at, account, 0
    one.counts[WAITING] += 1


@compiled
def _reached_by(one: Agreement, number: int) -> float:
    """Return the latest time that so many accounts have reached; minus infinity if there is none.

    Only what waits is asked.
    """
    waiting = one.counts[WAITING]
    found = 0
    for place in range(waiting - 1, -1, -1):
        is_new = True
        for later in range(place + 1, waiting):
            if one.account[later] == one.account[place]:
                is_new = False
                break
        if is_new:
            found += 1
            if found == number:
                return float(one.at[place])
    return -np.inf


@compiled
def _settle(one: Agreement, number: int, reach: float) -> None:
    """Move time as far as it goes, and forget what is not ahead of it any more."""
    while True:
        limit = one.times[AGREED] + reach
        place = one.counts[WAITING] - 1
        while place >= 0 and one.at[place] > limit:
            place -= 1
        if place >= 0:
            one.times[NEWEST] = max(one.times[NEWEST], one.at[place])
        agreed = _reached_by(one, max(2, number))
        if number == 1:
            agreed = max(agreed, one.times[NEWEST])
        if agreed <= one.times[AGREED]:
            return
        one.times[AGREED] = agreed
        one.times[NEWEST] = max(one.times[NEWEST], agreed)
        passed = 0
        waiting = one.counts[WAITING]
        while passed < waiting and one.at[passed] <= agreed:
            passed += 1
        if passed:
            for other in range(passed, waiting):
                one.at[other - passed] = one.at[other]
                one.account[other - passed] = one.account[other]
                one.against[other - passed] = one.against[other]
            one.counts[WAITING] = waiting - passed


@compiled
def observe(one: Agreement, at: float, account: np.int64, lateness: float, jump: float) -> float:
    """Record an event about an account at a time; return the newest credible time.

    Accounts are numbers (`account_number`); times are seconds.
    """
    _hear_of(one, at, account)
    waiting = one.counts[WAITING]
    if waiting and one.at[waiting - 1] > at + lateness:
        _contradict(one, at + lateness)
    if at <= one.times[AGREED]:
        return float(one.times[NEWEST])
    number = asked(_heard_since(one, one.times[AGREED] - jump))
    reach = jump if number == 1 else lateness
    if at <= one.times[AGREED] + reach:
        if at > one.times[NEWEST] + FAR:
            one.counts[LEAPS] += 1
        one.times[NEWEST] = max(one.times[NEWEST], at)
    if number == 1 and at <= one.times[AGREED] + reach and not one.counts[WAITING]:
        one.times[AGREED] = one.times[NEWEST]
        return float(one.times[NEWEST])
    before = one.times[NEWEST]
    _wait(one, at, account, reach)
    _settle(one, number, reach)
    if before > -np.inf and one.times[NEWEST] > before + FAR:
        one.counts[LEAPS] += 1
    return float(one.times[NEWEST])
