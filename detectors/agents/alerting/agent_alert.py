"""Alerts about agents: what the evidence says, in figures and in one sentence."""

from collections.abc import Sequence
from typing import Final

import msgspec
from msgspec import Struct

from detectors.agents.alerting.lifecycle import Case
from detectors.agents.alerting.tier import Duty
from detectors.alerts.alert import Alert, Evidence, Status, Subject
from detectors.alerts.wording import agent_sentence, early_sentence
from detectors.basis.content_id import content_id
from detectors.basis.event_time import day_name, moment, start_of_day
from detectors.evidence.explanation import Counts, Explanation, LikelyStart
from detectors.evidence.rate_ratio import RateRatio, shrunk_rate_ratio
from detectors.messages.outcomes import AgentId, ShadowCount, Spread
from detectors.patterns import BurstPattern

BURST_PEERS: Final = (
    "the days of all other sellers, by how many bursts of identical sales there were, and by how "
    "many sales"
)


def peers_of(fields: Sequence[str]) -> str:
    """Say whom an agent is compared with, in cells of some fields."""
    return "all other sellers, by " + " and ".join(fields)


class Standing(Struct, frozen=True):
    """How things stand with an agent at the end of a day; ``value`` is its largest evidence."""

    day: int
    value: float
    start: LikelyStart
    ratio: RateRatio
    spread: Spread


class Finding(Struct, frozen=True):
    """What an alert says beside how things stand.

    ``pending`` are the agent's sales whose window has not passed; ``null`` is what the shadow null
    has counted.
    """

    pending: int
    event_ids: tuple[str, ...]
    null: ShadowCount | None


def standing_of(explanation: Explanation, value: float, day: int, spread: Spread) -> Standing:
    """Say how things stand with an agent at the end of `day`, whose largest evidence is given."""
    start = explanation.start
    if start is None:  # corrections have taken back every outcome since the last restart
        start = LikelyStart(day, Counts(0, 0, 0.0), 1.0)
    since = start.since
    ratio = shrunk_rate_ratio(since.observed, since.expected, spread.between_agent_sd)
    return Standing(day, value, start, ratio, spread)


class AgentAlerts:
    """Writes the revisions of the alerts of one pattern.

    Parameters
    ----------
    duty
        What agents are watched for.
    """

    def __init__(self, duty: Duty) -> None:
        self._pattern: Final = duty.pattern
        is_burst = duty.pattern.name == BurstPattern.name
        self._peers: Final = BURST_PEERS if is_burst else peers_of(duty.settings.peers.cell)
        self._config_hash: Final = duty.config_hash
        self._threshold: Final = duty.threshold

    def alert_id(self, agent_id: AgentId, day: int) -> str:
        """Give the id of an alert whose episode opens at the end of `day`."""
        return content_id(self._pattern.name, "agent", agent_id, day_name(day))

    def revision(
        self,
        agent_id: AgentId,
        case: Case,
        status: Status,
        standing: Standing,
        finding: Finding,
    ) -> Alert:
        """Give the revision that `case` has come to."""
        pattern = self._pattern
        return Alert(
            alert_id=case.alert_id,
            revision=case.revision,
            status=status,
            pattern=pattern.name,
            pattern_version=pattern.version,
            severity=case.told_severity,
            subject=Subject("agent", agent_id),
            agent_id=agent_id,
            opened_at=moment(case.opened_at),
            updated_at=moment(start_of_day(standing.day + 1)),
            summary=self._sentence(agent_id, standing),
            evidence=self._evidence(standing, finding),
            event_ids=finding.event_ids,
            config_hash=self._config_hash,
        )

    def _sentence(self, agent_id: AgentId, standing: Standing) -> str:
        start = standing.start
        return agent_sentence(
            agent_id=agent_id,
            unit_phrase=self._pattern.unit_phrase,
            outcome_phrase=self._pattern.outcome_phrase,
            matured=start.since.outcomes,
            observed=start.since.observed,
            expected=start.since.expected,
            ratio=standing.ratio,
            likely_start=day_name(start.day),
        )

    def _evidence(self, standing: Standing, finding: Finding) -> Evidence:
        since, ratio, null = standing.start.since, standing.ratio, finding.null
        expected_rate = since.expected / since.outcomes if since.outcomes else 0.0
        return Evidence(
            window=self._pattern.window,
            value=_figures(standing.value),
            threshold=_figures(self._threshold),
            matured=since.outcomes,
            pending=finding.pending,
            observed=since.observed,
            expected=_figures(since.expected),
            peers=self._peers,
            rate=_figures(min(1.0, ratio.estimate * expected_rate)),
            rate_low=_figures(min(1.0, ratio.lower * expected_rate)),
            rate_high=_figures(min(1.0, ratio.upper * expected_rate)),
            rate_ratio=_figures(ratio.estimate),
            rate_ratio_low=_figures(ratio.lower),
            rate_ratio_high=_figures(ratio.upper),
            likely_start=day_name(standing.start.day),
            between_agent_sd=standing.spread.between_agent_sd,
            tempering=standing.spread.tempering,
            null_alarms=None if null is None else null.alarms,
            null_agent_years=None if null is None else _figures(null.agent_days / 365.0),
        )


class EarlyAlerts(AgentAlerts):
    """Writes those of the early tier: none of their sales has matured, so they tell no rate."""

    def _sentence(self, agent_id: AgentId, standing: Standing) -> str:
        start = standing.start
        return early_sentence(
            agent_id=agent_id,
            outcome_phrase=self._pattern.outcome_phrase,
            observed=start.since.observed,
            expected=start.since.expected,
            ratio=standing.ratio,
            likely_start=day_name(start.day),
        )

    def _evidence(self, standing: Standing, finding: Finding) -> Evidence:
        of_days = super()._evidence(standing, finding)
        return msgspec.structs.replace(of_days, matured=0, rate=None, rate_low=None, rate_high=None)


def _figures(value: float) -> float:
    """Round to six significant figures: what is told does not hang on the last bit."""
    return float(f"{value:.6g}")
