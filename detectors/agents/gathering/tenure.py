"""The seller's tenure as the last field of a cell: honest beginners are compared with beginners."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from msgspec import Struct, field, structs

from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.order import identity
from detectors.basis.event_time import Day, day_of
from detectors.basis.identifiers import AgentId, PatternName
from detectors.facts.account import Verdict
from detectors.facts.staff.started import StartedAgent
from detectors.messages.outcomes import Outcome

MOST_STARTS: Final = 8
"""Days from which on one agent's start counts: the earliest ones. Who corrects it so often?"""

MOST_NEW: Final = 50_000
"""Agents who are not judged and whose start is remembered, the first ones by name."""

BANDS: Final = ((30, "-30d"), (90, "-90d"), (365, "-365d"))
"""Days since the first outcome, and the band of those with fewer."""

LONGEST: Final = "365d-"
UNKNOWN: Final = "-"
"""The band of sales without an agent."""


class TenureState(Struct):
    """All that a `Tenure` remembers.

    ``first`` is the day of each agent's first outcome by pattern. ``late`` holds, by the day on
    which they were judged, the identities of outcomes that were not judged when they matured.
    ``started`` is by agent what master data told: the day on which they started, by the day from
    which on that counts.
    """

    first: dict[PatternName, dict[AgentId, Day]] = field(default_factory=dict)
    late: dict[Day, set[str]] = field(default_factory=dict)
    started: dict[AgentId, dict[Day, Day]] = field(default_factory=dict)


class Tenure:
    """Appends to the cell of an outcome how long ago its agent started.

    Master data tells, as of the day before. Without it tenure is counted from the first outcome
    that this partition saw, so it begins anew for everyone where a log begins. A correction gets
    the band under which its outcome was judged.

    Parameters
    ----------
    state
        What an earlier object knew; it is kept up to date.
    kept_days
        For how many days an outcome may be corrected after its day.
    """

    def __init__(self, state: TenureState, kept_days: int) -> None:
        self._state: Final = state
        self._kept_days: Final = kept_days

    def forget(self, day: Day) -> None:
        """Drop what no correction can be about on `day` or later."""
        drop_before(self._state.late, day - self._kept_days)

    def learn(self, started: Iterable[StartedAgent]) -> None:
        """Learn when agents started: a set, of which the earliest start counts of those of one day.

        Whatever it says of a day is known once every ledger has passed the day before.
        """
        for one in started:
            known = self._state.started.setdefault(one.agent_id, {})
            known[one.since] = min(one.started, known.get(one.since, one.started))
            if len(known) > MOST_STARTS:
                del known[max(known)]

    def keep(self, agents: Collection[AgentId], day: Day) -> None:
        """Forget since when all others have sold: whoever they are, they begin anew.

        Of those of whom master data told before a day some are kept: they may not have sold yet.
        """
        for first in self._state.first.values():
            for agent_id in first.keys() - set(agents):
                del first[agent_id]
        told = self._state.started
        others = [one for one in told.keys() - set(agents) if min(told[one]) <= day]
        for agent_id in sorted(others)[MOST_NEW:]:
            del told[agent_id]

    def fresh(self, day: Day, outcomes: Sequence[Outcome]) -> list[Outcome]:
        """Return the trials of a day with their bands."""
        # Of all others the day of judgement is that of maturity, and need not be remembered.
        outcomes = list(outcomes)
        for outcome in outcomes:
            if day_of(outcome.matured_at) != day:
                self._state.late.setdefault(day, set()).add(identity(outcome))
        return [self._banded(outcome, day) for outcome in outcomes]

    def corrections(
        self, corrections: list[tuple[Outcome, Verdict]]
    ) -> list[tuple[Outcome, Verdict]]:
        """Return corrections with the bands of what they correct."""
        return [
            (self._banded(outcome, self._judged_on(outcome)), before)
            for outcome, before in corrections
        ]

    def _judged_on(self, outcome: Outcome) -> Day:
        key = identity(outcome)
        late = [day for day, identities in self._state.late.items() if key in identities]
        return min(late, default=day_of(outcome.matured_at))

    def _banded(self, outcome: Outcome, day: Day) -> Outcome:
        band = UNKNOWN
        if outcome.agent_id is not None:
            first = self._state.first.setdefault(outcome.pattern, {})
            seen = first.setdefault(outcome.agent_id, day)
            days = day - self._started(outcome.agent_id, day, seen)
            band = next((name for below, name in BANDS if days < below), LONGEST)
        return structs.replace(outcome, cell=f"{outcome.cell}/{band}" if outcome.cell else band)

    def _started(self, agent_id: AgentId, day: Day, otherwise: Day) -> Day:
        """Return when an agent started, by what was known before a day."""
        told = self._state.started.get(agent_id)
        since = max((one for one in told if one <= day), default=None) if told else None
        return otherwise if told is None or since is None else told[since]
