"""Who is judged: `limits.most_agents` bounds how many agents anything is remembered of.

And `limits.most_groups` of how many sites, and of how many teams: a group's name then stands where
an agent's id stood.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
from msgspec import Struct, field, structs

from detectors.agents.early.at_risk import DayExposure
from detectors.agents.gathering.gathering import DayBatch
from detectors.agents.mature.tier import MatureTier
from detectors.agents.reported_day import ReportedDay
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.messages.newcomers import Newcomers, Places, held_keys, key_of
from detectors.messages.outcome_columns import in_columns
from detectors.messages.outcomes import SalesDay

FREQUENT: Final = 3
"""Sales on one day that a name which occurs once does not make."""


class RosterState(Struct):
    """All that a `Roster` remembers.

    Attributes
    ----------
    known
        The agents who are judged.
    told
        By day that was not judged: the newcomers reported on it, and whether they are frequent.
    lately
        All newcomers reported since the last review day.
    closed
        Whether some newcomer was not given a place, ever.
    not_judged
        Outcomes of agents who were not judged.
    """

    known: list[AgentId] = field(default_factory=list)
    told: dict[Day, dict[AgentId, bool]] = field(default_factory=dict)
    lately: list[AgentId] = field(default_factory=list)
    closed: bool = False
    not_judged: int = 0


class Roster:
    """Tells the peers stage of newcomers, and judges those who are given places, for good.

    A newcomer is told of once between two review days: reports are made before or after earlier
    days are judged, but all days up to a review day are judged before the next day is reported. So
    what is told depends on the days alone, and nobody is counted twice.

    Parameters
    ----------
    on_sales
        The patterns of whose outcomes is counted how many are not judged.
    kind
        The kind of the groups that are judged; None: agents are.
    """

    def __init__(self, on_sales: Collection[PatternName], kind: GroupKind | None = None) -> None:
        self._on_sales: Final = on_sales
        self._kind: Final = kind
        self._known: set[AgentId] = set()
        self._lately: set[AgentId] = set()
        self._told: dict[Day, dict[AgentId, bool]] = {}
        self._closed = False
        self.not_judged = 0

    @property
    def known(self) -> Collection[AgentId] | None:
        """The agents who are judged; None: everybody is."""
        return self._known if self._closed else None

    def report(
        self,
        day: Day,
        sales: Mapping[Day, SalesDay],
        batches: Mapping[PatternName, DayBatch],
        *,
        follows_review: bool,
    ) -> Newcomers:
        """Return the newcomers of a day: who sold on it, or of whom an outcome became known."""
        if follows_review:
            self._lately = set()
        sellers = self._sellers(sales)
        named: set[AgentId | None] = set(sellers)
        for batch in batches.values():
            named.update(in_columns(batch.fresh).agents)
            named.update(outcome.agent_id for outcome, _ in batch.corrections)
        new = {one for one in named - self._known - self._lately if one is not None}
        if not new:
            return Newcomers()
        made = Counter(one for one in sellers if one in new)
        told = self._told[day] = {one: made[one] >= FREQUENT for one in sorted(new)}
        self._lately |= new
        return Newcomers(
            held_keys(one for one, frequent in told.items() if frequent),
            held_keys(one for one, frequent in told.items() if not frequent),
        )

    def _admit(self, day: Day, places: Places) -> None:
        """Let the newcomers of a day in that are given places."""
        for agent_id, frequent in self._told.pop(day, {}).items():
            if key_of(agent_id) <= (places.frequent if frequent else places.rare):
                self._known.add(agent_id)
            else:
                self._closed = True

    def judged(
        self,
        day: Day,
        reported: ReportedDay,
        places: Places,
        tiers: Mapping[PatternName, MatureTier],
    ) -> ReportedDay:
        """Return a day as it is judged: the sales of all others as if nobody had made them.

        `places` are those of the newcomers of the day, who are judged from now on.
        """
        self._admit(day, places)
        if not self._closed:
            return reported
        batches = {name: self._of_known(name, batch) for name, batch in reported.batches.items()}
        trials = {
            name: structs.replace(trials, agents=tiers[name].names.agents_of(batches[name].fresh))
            for name, trials in reported.trials.items()
        }
        exposures = {name: self._at_risk(one) for name, one in reported.exposures.items()}
        return ReportedDay(batches, trials, exposures, reported.left_out)

    def snapshot(self) -> RosterState:
        """Return the whole state."""
        return RosterState(
            sorted(self._known), self._told, sorted(self._lately), self._closed, self.not_judged
        )

    def restore(self, state: RosterState) -> None:
        """Restore the state that `snapshot` returned."""
        self._known, self._lately = set(state.known), set(state.lately)
        self._told = state.told
        self._closed = state.closed
        self.not_judged = state.not_judged

    def _sellers(self, sales: Mapping[Day, SalesDay]) -> Sequence[AgentId]:
        """Return who made the sales of a day, one a sale; of a group no more than are asked for."""
        kind = self._kind
        if kind is None:
            return [made.agent_id for one in sales.values() for made in one.made]
        counts = [one.groups[kind] for one in sales.values() if kind in one.groups]
        return [
            AgentId(name)
            for one in counts
            for name, count in one.items()
            for _ in range(min(count, FREQUENT))
        ]

    def _of_known(self, name: PatternName, batch: DayBatch) -> DayBatch:
        known = self._known
        fresh = [
            one if one.agent_id in known else structs.replace(one, agent_id=None)
            for one in batch.fresh
        ]
        if name in self._on_sales:
            self.not_judged += sum(
                own.agent_id is None and one.agent_id is not None
                for own, one in zip(fresh, batch.fresh, strict=True)
            )
        return DayBatch(fresh, [one for one in batch.corrections if one[0].agent_id in known])

    def _at_risk(self, exposure: DayExposure) -> DayExposure:
        names = exposure.agent_names
        kept = [place for place, name in enumerate(names) if name in self._known]
        position = np.full(len(names), -1, np.int64)
        position[kept] = np.arange(len(kept))
        agents = position[exposure.agents]
        there = agents >= 0
        return DayExposure(
            exposure.day,
            tuple(names[place] for place in kept),
            agents[there],
            exposure.cell_names,
            exposure.cells[there],
            exposure.at_risk[there],
            exposure.ended[there],
        )
