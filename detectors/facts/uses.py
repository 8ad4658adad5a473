"""Times at which an account was used, thinned as far as no window can tell."""

from bisect import bisect_left

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId

Times = tuple[Seconds, ...]
"""Sorted, each once."""


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


def any_within(times: Times, start: Seconds, end: Seconds) -> bool:
    """Return whether one of the times lies from `start` to `end` inclusive."""
    place = bisect_left(times, start)
    return place < len(times) and times[place] <= end


def times_since(times: Times, start: Seconds) -> Times:
    """Return the times at `start` or later."""
    return times[bisect_left(times, start) :]
