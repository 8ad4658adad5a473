"""The seller's tenure as the last field of a cell: honest beginners are compared with beginners."""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct, field, structs

from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.order import identity
from detectors.basis.event_time import Day, day_of
from detectors.basis.identifiers import AgentId, PatternName
from detectors.facts.account import Verdict
from detectors.messages.outcomes import Outcome

BANDS: Final = ((30, "-30d"), (90, "-90d"), (365, "-365d"))
"""Days since the first outcome, and the band of those with fewer."""

LONGEST: Final = "365d-"
UNKNOWN: Final = "-"
"""The band of sales without an agent."""


class TenureState(Struct):
    """All that a `Tenure` remembers.

    ``first`` is the day of each agent's first outcome by pattern. ``late`` holds, by the day on
    which they were judged, the identities of outcomes that were not judged when they matured.
    """

    first: dict[PatternName, dict[AgentId, Day]] = field(default_factory=dict)
    late: dict[Day, set[str]] = field(default_factory=dict)


class Tenure:
    """Appends to the cell of an outcome how long ago its agent's first one was judged.

    Tenure is counted from the first outcome that this partition saw, so it begins anew for everyone
    where a log begins. A correction gets the band under which its outcome was judged.

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

    def keep(self, agents: Collection[AgentId]) -> None:
        """Forget since when all others have sold: whoever they are, they begin anew."""
        for first in self._state.first.values():
            for agent_id in first.keys() - set(agents):
                del first[agent_id]

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
            days = day - first.setdefault(outcome.agent_id, day)
            band = next((name for below, name in BANDS if days < below), LONGEST)
        return structs.replace(outcome, cell=f"{outcome.cell}/{band}" if outcome.cell else band)
