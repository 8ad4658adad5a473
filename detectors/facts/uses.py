"""Times at which an account was used, thinned as far as no window can tell."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId

Times = tuple[Seconds, ...]
"""Sorted, each once."""


MOST_KEYED: Final = 64
"""Agents of whom an account remembers what they keyed: no sender fills a memory with their names.
"""


DOUBTED: Final = 86_400.0
"""Seconds by which sources date what they tell too early: those that know the date and no time of
day, and those whose clock is hours behind, or that leave the offset of their zone out."""


class OtherUses(Struct, frozen=True, array_like=True, gc=False):
    """Times of activity that may be no use by the customer: it depends on who sold the account.

    ``agent_id`` is who keyed it, None for nobody; ``is_certain`` says that it was the customer's
    doing and of a kind that is use, if it was not the seller who keyed it.
    """

    agent_id: AgentId | None
    is_certain: bool
    times: Times


def with_time(times: Times, at: Seconds, span: float) -> Times | None:
    """Return times with one more, None if that adds nothing.

    Of three times within `span` seconds the middle one is forgotten: no window of at least `span`
    seconds, wherever it starts, can hold it without holding one of the other two. So `any_within`
    stays exact while the number of times kept is bounded by the account's life divided by the span.
    """
    if not times:
        return (at,)
    if at > times[-1]:
        if len(times) > 1 and at - times[-2] <= span:
            return (*times[:-1], at)
        return (*times, at)
    place = bisect_left(times, at)
    if times[place] == at or (place > 0 and times[place] - times[place - 1] <= span):
        return None
    merged = [*times[:place], at, *times[place:]]
    for middle in (place + 1, place - 1):
        if 0 < middle < len(merged) - 1 and merged[middle + 1] - merged[middle - 1] <= span:
            del merged[middle]
    return tuple(merged)


def bounded(uses: Iterable[OtherUses], span: float) -> tuple[OtherUses, ...]:
    """Return uses in an order that says nothing of the order in which they came, and not too many.

    Of what is beyond the bound nobody can tell whether it was use: that excludes, and accuses
    nobody. Which those are depends on their agents alone.
    """
    kept = sorted(uses, key=_agent_and_certainty)
    if len(kept) <= MOST_KEYED:
        return tuple(kept)
    named = [one for one in kept if one.agent_id is not None or one.is_certain]
    unclear, most = [one for one in kept if one not in named], MOST_KEYED - 1
    unclear += named[most:]
    times: Times = ()
    for at in sorted({at for one in unclear for at in one.times}):
        times = with_time(times, at, span) or times
    return (OtherUses(None, is_certain=False, times=times), *named[:most])


def _agent_and_certainty(uses: OtherUses) -> tuple[str, bool]:
    return (uses.agent_id or "", uses.is_certain)


def any_within(times: Times, start: Seconds, end: Seconds) -> bool:
    """Return whether one of the times lies from `start` to `end` inclusive."""
    place = bisect_left(times, start)
    return place < len(times) and times[place] <= end


def times_since(times: Times, start: Seconds) -> Times:
    """Return the times at `start` or later."""
    return times[bisect_left(times, start) :]
