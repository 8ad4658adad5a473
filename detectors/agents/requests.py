"""Which sales somebody is asked to verify, and how the answers weigh.

A day's sales are chosen when the day is judged, by the evidence as of the end of the day before. So
the probability of a sale depends on nothing that its own answer changes.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from math import ceil
from typing import Final, Protocol

import numpy as np
from msgspec import Struct, field

from detectors.agents.gathering.by_day import drop_before
from detectors.agents.gathering.making import correctable_days
from detectors.agents.mature.sampling import Drawn, Sampling, weighed
from detectors.alerts.alert import Alert
from detectors.alerts.data_quality import with_verified
from detectors.alerts.verification_request import NotBy, VerificationRequest
from detectors.basis.content_id import content_id
from detectors.basis.draw import Draw
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day, Seconds, end_of_day, moment
from detectors.basis.identifiers import AccountId, AgentId, PatternName, SaleId
from detectors.basis.text_hash import sale_hash
from detectors.evidence.arrays import Integers
from detectors.messages.candidates import Candidate, Lots
from detectors.messages.outcomes import Outcome, SalesDay
from detectors.patterns.account.failed_verification import FailedVerification
from detectors.settings import Settings

STEPS: Final = ((0.1, 4.0), (0.01, 2.0))
"""From which share of the threshold on the evidence multiplies the rate, and by what."""

TOLD_FOR: Final = 100
"""Days for which alerts tell how the verified sales of an agent were chosen."""

NO_LOTS: Final = Lots(Draw(""), 0.0)


class Sampled(Protocol):
    """What weighs outcomes by how they were chosen."""

    sampling: Sampling


class Tier(Protocol):
    """What knows the evidence about agents by one pattern."""

    def strengths(self, agents: Iterable[AgentId]) -> Iterable[tuple[AgentId, float]]:
        """Yield the evidence about agents who are known, as a share of the threshold."""


class RequestsState(Struct):
    """All that `Requests` remembers.

    Attributes
    ----------
    waiting
        By day: the sales that may be asked for, each with its seller, of days not judged yet.
    asked
        By day: the probabilities of the sales that were asked for, by the hash of each, so that no
        id of an account is kept for it.
    answered
        By day, then by agent: how many verified sales were asked for, and how many were not.
    """

    waiting: dict[Day, list[tuple[AgentId, Candidate]]] = field(default_factory=dict)
    asked: dict[Day, dict[int, float]] = field(default_factory=dict)
    answered: dict[Day, dict[AgentId, tuple[int, int]]] = field(default_factory=dict)


class Requests(Drawn):
    """Chooses sales, a day at a time, and weighs their answers by the probability of each.

    Parameters
    ----------
    settings
        All settings.
    mature
        The mature tiers of agents: that of ``failed_verification`` weighs by what was asked for.
    tiers
        All tiers of agents, the early ones among them: by their evidence sales are asked for.

    Attributes
    ----------
    state
        The whole state; encode it at once.
    """

    def __init__(
        self, settings: Settings, mature: Mapping[PatternName, Sampled], tiers: Sequence[Tier]
    ) -> None:
        super().__init__(settings.verification, settings.verification.lots() or NO_LOTS)
        self._tiers: Final = tiers
        self._is_on: Final = settings.verification.is_on
        if self._is_on and FailedVerification.name in mature:
            mature[FailedVerification.name].sampling = self
        self._config_hash: Final = settings.config_hash
        judging = settings.patterns.on_sales()
        known = (one for one in judging if isinstance(one, FailedVerification))
        self._answer_within: Final = seconds_of(next(known, FailedVerification()).window)
        answered = ceil(self._answer_within / DAY) + correctable_days(settings)
        self._kept_days: Final = answered + 1
        self._day = Day(0)
        self._requests = list[VerificationRequest]()
        self.state = RequestsState()

    def note(self, day: Day, sales: Mapping[Day, SalesDay]) -> None:
        """Remember the sales that are reported with a day, until it is judged."""
        if not self._is_on:
            return
        made = [sale for one in sales.values() for sale in one.made]
        found = [(one.agent_id, one.candidate) for one in made if one.candidate is not None]
        if found:
            self.state.waiting[day] = found

    def drain(self) -> list[VerificationRequest]:
        """Return the requests that were made since the last call."""
        taken, self._requests = self._requests, []
        return taken

    def ask(self, day: Day) -> None:
        """Choose among the sales of a day, before it is judged; days must come in their order."""
        self._day, state = day, self.state
        drop_before(state.asked, day - self._kept_days)
        drop_before(state.answered, day - TOLD_FOR)
        waiting = sorted(state.waiting.pop(day, []), key=_order)
        strengths = self._strengths({who for who, _ in waiting})
        for agent_id, candidate in waiting:
            probability = self.probability(strengths.get(agent_id, 0.0))
            if self._lots.number(candidate.sale_id, candidate.account_id) < probability:
                state.asked.setdefault(day, {})[_hash(candidate)] = probability
                asked = self._request(day, agent_id, candidate, probability)
                self._requests.append(asked)

    def probability(self, strength: float) -> float:
        """Return with which probability a sale is asked for."""
        times = next((times for least, times in STEPS if strength >= least), 1.0)
        return min(self._settings.rate * times, self._settings.most)

    def weighed(self, outcomes: Sequence[Outcome], exponents: Integers) -> Integers:
        """Return the exponents of the answers of a day: ``rate`` over the probability of each.

        What was verified on nobody's request counts as it is.
        """
        told = self.state.answered.setdefault(self._day, {}) if outcomes else {}
        weights = np.ones(len(outcomes))
        for place, outcome in enumerate(outcomes):
            probability = self._asked_with(outcome)
            if outcome.agent_id is not None:
                asked, others = told.get(outcome.agent_id, (0, 0))
                is_asked = probability is not None
                told[outcome.agent_id] = (asked + is_asked, others + (not is_asked))
            if probability is not None:
                weights[place] = self._settings.rate / probability
        return weighed(exponents, weights)

    def noted(self, alert: Alert) -> Alert:
        """Return an alert that rests on verifications with a sentence on how they were chosen."""
        agent_id = alert.agent_id
        if not self._is_on or alert.pattern != FailedVerification.name or agent_id is None:
            return alert
        known = [by_agent.get(agent_id, (0, 0)) for by_agent in self.state.answered.values()]
        asked, others = (sum(column) for column in zip(*known, strict=True)) if known else (0, 0)
        return with_verified(alert, asked, others, TOLD_FOR)

    def _strengths(self, agents: Collection[AgentId]) -> dict[AgentId, float]:
        """Return the largest evidence about some agents, each as a share of its threshold."""
        largest: dict[AgentId, float] = {}
        for tier in self._tiers if agents else ():
            for agent_id, strength in tier.strengths(agents):
                largest[agent_id] = max(strength, largest.get(agent_id, 0.0))
        return largest

    def _asked_with(self, outcome: Outcome) -> float | None:
        hashed = _hash(outcome)
        found = (asked[hashed] for asked in self.state.asked.values() if hashed in asked)
        return next(found, None)

    def _request(
        self, day: Day, agent_id: AgentId, candidate: Candidate, probability: float
    ) -> VerificationRequest:
        return VerificationRequest(
            request_id=content_id(
                "verification", candidate.sale_id, candidate.account_id, agent_id
            ),
            sale_id=candidate.sale_id,
            account_id=candidate.account_id,
            agent_id=agent_id,
            product=candidate.product,
            site=candidate.site,
            not_by=NotBy(agent_id, candidate.team),
            sold_at=moment(candidate.at),
            asked_at=moment(end_of_day(day)),
            answer_by=moment(Seconds(candidate.at + self._answer_within)),
            probability=probability,
            config_hash=self._config_hash,
        )


def _hash(sale: Candidate | Outcome) -> int:
    return sale_hash(sale.sale_id, sale.account_id)


def _order(waiting: tuple[AgentId, Candidate]) -> tuple[Seconds, SaleId, AccountId]:
    candidate = waiting[1]
    return (candidate.at, candidate.sale_id, candidate.account_id)
