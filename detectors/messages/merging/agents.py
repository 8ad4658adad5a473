"""Ids of agents that became part of others: for whom counts what one of them sold."""

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Day, Seconds, day_of
from detectors.basis.identifiers import AgentId
from detectors.events.event import AgentMerged

MOST: Final = 1_000
"""Ids that one ledger remembers as merged; the setting `identities.merged` takes as many."""

_CONTRADICTED: Final = 2
"""Ids into which one was merged on one day; of more of them two say as much."""


class MergedAgent(Struct, frozen=True, array_like=True, gc=False):
    """An id that became part of another one, from the beginning of a day on.

    ``into`` are the ids that were named for that day. More than one contradict each other.
    """

    agent_id: AgentId
    since: Day
    into: tuple[AgentId, ...]


class MergedAgents:
    """Which ids of agents became part of others, and since when.

    A merge counts from the beginning of the day after it was known: then every outcome that matured
    before is told already, and all partitions begin with the same one. So what is known is a
    join-semilattice, and what it says of a day is certain once the watermark has reached that day.
    Of several merges of one id the earliest counts; of those that count from one day none does, if
    they name two ids. Merges in a circle say of nobody who they are, so none of them counts.

    Parameters
    ----------
    heeded
        Whether merges are believed. If not, they are remembered and change nothing.
    most
        Ids that are remembered as merged.
    """

    def __init__(self, *, heeded: bool, most: int = MOST) -> None:
        self._heeded: Final = heeded
        self._most: Final = most
        self._known: dict[AgentId, MergedAgent] = {}
        self._new: dict[AgentId, MergedAgent] = {}
        self._asked: tuple[Day, dict[AgentId, AgentId]] = (Day(0), {})

    def __len__(self) -> int:
        """Count the ids that became part of others."""
        return len(self._known)

    @property
    def matter(self) -> bool:
        """Whether anything counts for another id than the one that stands there."""
        return self._heeded and bool(self._known)

    def merge(self, event: AgentMerged, at: Seconds, watermark: Seconds) -> bool:
        """Take in an event of a time; return whether it changed anything (a repeat does not)."""
        if event.agent_id == event.into_agent_id:
            return False
        since = Day(day_of(max(at, watermark)) + 1)
        return self.learn(MergedAgent(event.agent_id, since, (event.into_agent_id,)))

    def learn(self, merged: MergedAgent) -> bool:
        """Take in what somebody knows; return whether it changed anything."""
        known = self._known.get(merged.agent_id)
        joined = merged if known is None else _joined(known, merged)
        if joined == known or (known is None and len(self._known) >= self._most):
            return False
        self._known[merged.agent_id] = self._new[merged.agent_id] = joined
        self._asked = (Day(0), {})
        return True

    def drain(self) -> list[MergedAgent]:
        """Return what became known since the last call."""
        new, self._new = list(self._new.values()), {}
        return new if self._heeded else []

    def counts_for(self, agent_id: AgentId, day: Day) -> AgentId:
        """Return for whom counts on a day what stands under an id."""
        if agent_id not in self._known:  # nearly everybody
            return agent_id
        if self._asked[0] != day:
            self._asked = (day, {})
        found = self._asked[1].get(agent_id)
        if found is None:
            found = self._asked[1][agent_id] = self._end(agent_id, day)
        return found

    @property
    def state(self) -> list[MergedAgent]:
        """The whole state."""
        return list(self._known.values())

    def restore(self, state: Iterable[MergedAgent]) -> None:
        """Restore a state that was saved."""
        self._known = {merged.agent_id: merged for merged in state}
        self._asked = (Day(0), {})

    def _end(self, agent_id: AgentId, day: Day) -> AgentId:
        passed, now = {agent_id}, agent_id
        while (merged := self._known.get(now)) is not None and merged.since <= day:
            if len(merged.into) > 1:
                break
            (now,) = merged.into
            if now in passed:
                return agent_id
            passed.add(now)
        return now


def _joined(one: MergedAgent, other: MergedAgent) -> MergedAgent:
    if one.since != other.since:
        return min(one, other, key=_since)
    into = sorted({*one.into, *other.into})[:_CONTRADICTED]
    return MergedAgent(one.agent_id, one.since, tuple(into))


def _since(merged: MergedAgent) -> Day:
    return merged.since
