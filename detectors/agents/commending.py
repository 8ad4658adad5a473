"""Commends agents whose sales are kept and used more than those of peers.

`docs/statistics.md`, section 13. At every review; a commendation that must not stand ends at once.
"""

from collections.abc import Collection, Sequence
from math import fsum
from typing import Final, NamedTuple

import numpy as np
from msgspec import Struct, field

from detectors.agents.alerting.open_alerts import LEAST_EXCESS
from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.believed import Believed
from detectors.agents.causes.common import CommonCauses
from detectors.agents.mature.best_levels import Standing, e_values, rate_ratio, standing
from detectors.agents.mature.good_sums import NO_ROW, GoodSums, Sums
from detectors.agents.mature.tier import MatureTier
from detectors.alerts.commendation import (
    Commendation,
    CommendationStatus,
    Ground,
    commendation_sentence,
)
from detectors.basis.content_id import content_id
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds, day_name, end_of_day, moment
from detectors.basis.identifiers import AgentId
from detectors.settings import Settings

CERTAINTY: Final = 0.8
"""The probability of being among the best at which one pattern alone is enough."""

ENDS_BELOW: Final = 0.5
"""A commendation ends where the evidence is below this share of the threshold."""

AGAIN: Final = 2
"""It is told again when so many times as many sales have matured as when it was told last."""

_SCREEN: Final = 0.99
"""Evidence of many agents at once differs from that of one by less than this, by its last bits."""


class Known(NamedTuple):
    """What is known of an agent: the evidence, the last day with an outcome, and what for."""

    value: float
    heard_on: Day
    grounds: tuple[Ground, ...]


NOTHING: Final = Known(0.0, Day(0), ())


class OpenCommendation(Struct):
    """A commendation that is open: from the end of a day on, with what its last revision told."""

    commendation_id: str
    opened_on: Day
    revision: int
    grounds: tuple[Ground, ...]
    value: float


class CommendingState(Struct):
    """All that a `Commending` remembers."""

    open: dict[AgentId, OpenCommendation] = field(default_factory=dict)


class Commending:
    """Judges who is commended, by the patterns that say what good sales are.

    Parameters
    ----------
    settings
        All settings.
    tiers
        All that judge agents.
    causes, believed
        To which site an agent belongs, what could not be seen there, and whose sales are contested.

    Attributes
    ----------
    state
        The whole state; encode it at once.
    """

    def __init__(
        self,
        settings: Settings,
        tiers: Sequence[TierBase],
        causes: CommonCauses,
        believed: Believed,
    ) -> None:
        self._settings: Final = settings
        self._config_hash: Final = settings.config_hash
        self._review_every: Final = max(1, int(seconds_of(settings.evidence.review_every) // DAY))
        self._silent_days: Final = seconds_of(settings.evidence.silent_after) / DAY
        self._good: Final[list[tuple[MatureTier, GoodSums]]] = [
            (tier, tier.good)
            for tier in tiers
            if isinstance(tier, MatureTier) and tier.good is not None
        ]
        self._tiers: Final = tiers
        self._causes: Final = causes
        self._believed: Final = believed
        budget = settings.commendations.at_most_per_1000_agent_years
        self._threshold: Final = 1_000.0 / budget
        self._share: Final = CERTAINTY / (self._threshold * max(1, len(self._good)))
        self.state = CommendingState()
        self._due: list[Commendation] = []

    def judge(self, day: Day, confirmed: Collection[AgentId]) -> None:
        """Judge the agents at the end of a day that all tiers have judged.

        Of those `confirmed` people found that they sold falsely.
        """
        is_review = day % self._review_every == 0
        if not self._good or not (self.state.open or is_review):
            return
        barred = {*confirmed}.union(*(tier.warned() for tier in self._tiers))
        barred |= self._believed.contested(day)
        for agent_id in sorted(self.state.open.keys() & barred):
            self._end(agent_id, day)
        if is_review:
            self._review(day, barred)

    def drain(self) -> list[Commendation]:
        """Return the revisions that became due since the last call, once."""
        due, self._due = self._due, []
        return due

    def _review(self, day: Day, barred: Collection[AgentId]) -> None:
        keeps, opens = ENDS_BELOW * self._threshold, self._threshold
        found = {agent_id: self._known(agent_id) for agent_id in self._likely()}
        for agent_id in sorted(self.state.open.keys() | found.keys()):
            known = found.get(agent_id, NOTHING)
            lasts = known.value >= keeps and day - known.heard_on < self._silent_days
            if agent_id in self.state.open:
                if lasts:
                    self._go_on(agent_id, day, known)
                else:
                    self._end(agent_id, day)
            elif lasts and known.value >= opens and agent_id not in barred:
                self._open(agent_id, day, known)

    def _likely(self) -> list[AgentId]:
        """Return the agents worth a closer look, in their order: better by some pattern, for sure.

        And with enough evidence for a commendation that is open to go on.
        """
        least, notable = self._settings.commendations.least_matured, set[AgentId]()
        for tier, good in self._good:
            rows = good.notable(least, tier.spread.between_agent_sd, 1.0 / LEAST_EXCESS)
            agents = list(tier.rows) if rows.size else []
            notable |= {agents[row] for row in rows.tolist()}
        chosen, evidence = sorted(notable), np.zeros(len(notable))
        for tier, good in self._good:
            rows = np.array([tier.rows.get(agent_id, NO_ROW) for agent_id in chosen], np.int64)
            tempered = good.tempered(rows)
            evidence += e_values(tempered, tier.spread.between_agent_sd, self._share)
        enough = _SCREEN * ENDS_BELOW * self._threshold * len(self._good)
        return [chosen[index] for index in np.flatnonzero(evidence >= enough).tolist()]

    def _known(self, agent_id: AgentId) -> Known:
        """Return what is known of an agent; no evidence if some pattern speaks against them.

        One by which nothing of theirs was ever judged says nothing. One by which they are no better
        than peers does not let them be commended, nor one by which too little was judged.
        """
        grounds, values, heard_on = list[Ground](), list[float](), Day(0)
        for tier, good in self._good:
            row = tier.rows.get(agent_id)
            sums = None if row is None else good.of(row)
            if sums is None:
                values.append(1.0)  # of an e-value without outcomes
                continue
            if sums.outcomes < self._settings.commendations.least_matured:
                return NOTHING
            if sums.bad > sums.expected:
                return NOTHING
            found = standing(sums.tempered, tier.spread.between_agent_sd, self._share)
            values.append(found.e_value)
            grounds.append(self._ground(tier, sums, found))
            heard_on = max(heard_on, sums.last_day)
        return Known(fsum(values) / len(values), heard_on, tuple(grounds))

    def _is_unseen(self, agent_id: AgentId, day: Day, known: Known) -> bool:
        """Return whether something could not be seen lately of what the grounds rest on."""
        site, end = self._causes.site_of(agent_id), end_of_day(day)
        return any(
            self._believed.is_unseen(day, one.pattern, site, Seconds(end - seconds_of(one.window)))
            for one in known.grounds
        )

    def _open(self, agent_id: AgentId, day: Day, known: Known) -> None:
        if self._is_unseen(agent_id, day, known):
            return
        commendation_id = content_id("commendation", agent_id, day_name(day))
        opened = OpenCommendation(commendation_id, day, 1, known.grounds, known.value)
        self.state.open[agent_id] = opened
        self._tell(agent_id, opened, day, "open")

    def _go_on(self, agent_id: AgentId, day: Day, known: Known) -> None:
        one = self.state.open[agent_id]
        if matured(known.grounds) >= AGAIN * matured(one.grounds):
            one.revision += 1
            one.grounds, one.value = known.grounds, known.value
            self._tell(agent_id, one, day, "open")

    def _end(self, agent_id: AgentId, day: Day) -> None:
        # With the figures that were told: what has changed since may be a matter of compliance.
        one = self.state.open.pop(agent_id)
        one.revision += 1
        self._tell(agent_id, one, day, "ended")

    def _tell(
        self, agent_id: AgentId, one: OpenCommendation, day: Day, status: CommendationStatus
    ) -> None:
        self._due.append(
            Commendation(
                commendation_id=one.commendation_id,
                revision=one.revision,
                status=status,
                agent_id=agent_id,
                opened_at=moment(end_of_day(one.opened_on)),
                updated_at=moment(end_of_day(day)),
                summary=commendation_sentence(agent_id, one.grounds, status),
                value=_figures(one.value),
                threshold=_figures(self._threshold),
                grounds=one.grounds,
                config_hash=self._config_hash,
            )
        )

    def _ground(self, tier: MatureTier, sums: Sums, found: Standing) -> Ground:
        spread, pattern, rate = tier.spread, tier.pattern, sums.expected / sums.outcomes
        estimate, low, high = (
            _figures(rate_ratio(odds, rate))
            for odds in (found.odds_ratio.estimate, found.odds_ratio.lower, found.odds_ratio.upper)
        )
        return Ground(
            pattern=tier.name,
            window=pattern.window,
            outcome=pattern.outcome_phrase,
            since=day_name(sums.first_day),
            matured=sums.outcomes,
            observed=sums.bad,
            expected=_figures(sums.expected),
            peers=pattern.peers_phrase(self._settings.peers.cell),
            probability=_figures(found.probability),
            best_share=_figures(self._share),
            rate_ratio=estimate,
            rate_ratio_low=low,
            rate_ratio_high=high,
            between_agent_sd=spread.between_agent_sd,
            tempering=spread.tempering,
        )


def matured(grounds: Collection[Ground]) -> int:
    """Count the outcomes of some grounds."""
    return sum(one.matured for one in grounds)


def _figures(value: float) -> float:
    """Round to six significant figures: what is told does not depend on the last bit."""
    return float(f"{value:.6g}")
