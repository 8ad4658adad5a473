"""Alerts about agents: what the evidence says, in figures and in one sentence."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, Final

from msgspec import UNSET, Struct

from detectors.agents.alerting.doubt import NO_DOUBT, Doubt
from detectors.agents.alerting.lifecycle import OpenAlert
from detectors.agents.alerting.tier_config import TierConfig
from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Status, Subject
from detectors.alerts.at_stake import at_stake, distinct, most_frequent
from detectors.alerts.evidence import EarlyRateEvidence, RateEvidence
from detectors.alerts.wording import (
    early_sentence,
    ending_sentence,
    quiet_sentence,
    sellers_sentence,
    subject_sentence,
)
from detectors.basis.content_id import content_id
from detectors.basis.event_time import Day, day_name, end_of_day, moment
from detectors.basis.identifiers import AgentId
from detectors.evidence.explanation import Counts, EvidenceExplanation, LikelyStart
from detectors.evidence.rate_ratio import RateRatio, least_notable_ratio, shrunk_rate_ratio
from detectors.messages.outcomes import ShadowCount, Spread
from detectors.messages.stake import Stake
from detectors.patterns.advice import ABOUT_GROUPS
from detectors.patterns.compared import other_groups


class EvidenceSummary(Struct, frozen=True, dict=True):
    """The evidence against an agent at the end of a day; ``value`` is the largest of that day."""

    day: Day
    value: float
    start: LikelyStart
    spread: Spread

    @cached_property
    def ratio(self) -> RateRatio:
        """The effect; worked out when it is first asked for, as on most days nobody does."""
        since = self.start.since
        return shrunk_rate_ratio(since.observed, since.expected, self.spread.between_agent_sd)

    def is_notable(self, smallest_rate_ratio: float) -> bool:
        """Return whether the effect is, for sure, large enough for *critical*."""
        since, sd = self.start.since, self.spread.between_agent_sd
        rate = since.expected / since.outcomes if since.outcomes else 0.0
        return self.ratio.lower > least_notable_ratio(smallest_rate_ratio, rate, sd)


class AlertContext(Struct, frozen=True):
    """What an alert says beside the evidence.

    ``pending`` are the agent's sales whose window has not passed; ``null`` is what the shadow null
    has counted; ``stakes`` are those of the sales that ``event_ids`` names.
    """

    pending: int
    event_ids: tuple[str, ...]
    null: ShadowCount | None
    stakes: tuple[Stake, ...] = ()


def summarize(
    explanation: EvidenceExplanation, value: float, day: Day, spread: Spread
) -> EvidenceSummary:
    """Summarize the evidence against an agent on `day`; `value` is the largest of the day."""
    start = explanation.start
    if start is None:  # corrections have taken back every outcome since the last restart
        start = LikelyStart(day, Counts(0, 0, 0.0), 1.0)
    return EvidenceSummary(day, value, start, spread)


class AgentAlerts:
    """Makes the revisions of the alerts of one pattern.

    Parameters
    ----------
    config
        The tier that raises them.
    """

    def __init__(self, config: TierConfig) -> None:
        self._pattern: Final = config.pattern
        peers = config.settings.peers
        self._peers = config.pattern.peers_phrase(peers.cell) + peers.beside(config.pattern.name)
        self._config_hash: Final = config.config_hash
        self._threshold: Final = config.threshold
        self._kind: Final = config.kind
        if config.kind != "agent":
            self._peers = other_groups(config.kind, config.settings.peers.cell)

    def alert_id(self, agent_id: AgentId, day: Day) -> str:
        """Return the id of an alert whose episode opens at the end of `day`."""
        return content_id(self._pattern.name, self._kind, agent_id, day_name(day))

    def revision(
        self,
        agent_id: AgentId,
        alert: OpenAlert,
        status: Status,
        summary: EvidenceSummary,
        context: AlertContext,
        doubt: Doubt = NO_DOUBT,
    ) -> Alert:
        """Return the present revision of `alert`; `doubt` is what speaks against it."""
        pattern, sales = self._pattern, distinct(context.stakes)
        quiet_since = alert.quiet_since
        revision = Alert(
            alert_id=alert.alert_id,
            revision=alert.revision,
            status=status,
            pattern=pattern.name,
            pattern_version=pattern.version,
            severity=alert.emitted_severity,
            subject=Subject(self._kind, agent_id),
            agent_id=agent_id if self._kind == "agent" else None,
            opened_at=moment(alert.opened_at),
            updated_at=moment(end_of_day(summary.day)),
            summary=" ".join(
                [
                    *doubt.in_words(),
                    self._sentence(agent_id, summary),
                    *self._sellers(sales),
                    *_state_in_words(alert),
                ]
            ),
            evidence=self._evidence(summary, context),
            event_ids=context.event_ids,
            config_hash=self._config_hash,
            team=most_frequent(sale.team for sale in sales),
            site=most_frequent(sale.site for sale in sales),
            at_stake=None if alert.withdrawal else at_stake(sales),
            quiet_since=UNSET if quiet_since is None else day_name(quiet_since),
            ending=alert.ending or UNSET,
            withdrawal=alert.withdrawal or UNSET,
            group_alerts=tuple(alert_id for _, alert_id in doubt.told_by) or UNSET,
        )
        advice = pattern.advice if self._kind == "agent" else ABOUT_GROUPS
        return advised(revision, pattern.explanations_checked, advice)

    def _sentence(self, agent_id: AgentId, summary: EvidenceSummary) -> str:
        start = summary.start
        return subject_sentence(
            subject=Subject(self._kind, agent_id),
            unit_phrase=self._pattern.unit_phrase,
            outcome_phrase=self._pattern.outcome_phrase,
            matured=start.since.outcomes,
            observed=start.since.observed,
            expected=start.since.expected,
            ratio=summary.ratio,
            likely_start=day_name(start.day),
        )

    def _sellers(self, sales: Sequence[Stake]) -> Iterator[str]:
        """Yield for a group how many agents made the sales named: it may be one of them alone."""
        if self._kind != "agent" and sales:
            yield sellers_sentence(Counter(sale.seller for sale in sales).values())

    def _evidence(
        self, summary: EvidenceSummary, context: AlertContext
    ) -> RateEvidence | EarlyRateEvidence:
        since, ratio = summary.start.since, summary.ratio
        expected_rate = since.expected / since.outcomes if since.outcomes else 0.0
        return RateEvidence(
            **self._against_peers(summary, context),
            matured=since.outcomes,
            rate=_figures(min(1.0, ratio.estimate * expected_rate)),
            rate_low=_figures(min(1.0, ratio.lower * expected_rate)),
            rate_high=_figures(min(1.0, ratio.upper * expected_rate)),
        )

    def _against_peers(self, summary: EvidenceSummary, context: AlertContext) -> dict[str, Any]:
        """Return the fields of `AgainstPeers`, which the evidence of both tiers has."""
        since, ratio, null = summary.start.since, summary.ratio, context.null
        return {
            "window": self._pattern.window,
            "observed": since.observed,
            "expected": _figures(since.expected),
            "pending": context.pending,
            "peers": self._peers,
            "value": _figures(summary.value),
            "threshold": _figures(self._threshold),
            "rate_ratio": _figures(ratio.estimate),
            "rate_ratio_low": _figures(ratio.lower),
            "rate_ratio_high": _figures(ratio.upper),
            "likely_start": day_name(summary.start.day),
            "between_agent_sd": summary.spread.between_agent_sd,
            "tempering": summary.spread.tempering,
            "null_alarms": None if null is None else null.alarms,
            "null_agent_years": None if null is None else _figures(null.agent_days / 365.0),
        }


class EarlyAlerts(AgentAlerts):
    """Makes the alerts of the early tier: none of their sales has matured, so they have no rate."""

    def _sentence(self, agent_id: AgentId, summary: EvidenceSummary) -> str:
        start = summary.start
        return early_sentence(
            agent_id=agent_id,
            outcome_phrase=self._pattern.outcome_phrase,
            observed=start.since.observed,
            expected=start.since.expected,
            ratio=summary.ratio,
            likely_start=day_name(start.day),
        )

    def _evidence(self, summary: EvidenceSummary, context: AlertContext) -> EarlyRateEvidence:
        return EarlyRateEvidence(**self._against_peers(summary, context))


def _state_in_words(alert: OpenAlert) -> Iterator[str]:
    """Yield a sentence if the alert is quiet or has ended."""
    if alert.ending is not None:
        yield ending_sentence(alert.ending, day_name(alert.heard_on))
    elif alert.quiet_since is not None:
        yield quiet_sentence(day_name(alert.quiet_since))


def _figures(value: float) -> float:
    """Round to six significant figures: what an alert says does not depend on the last bit."""
    return float(f"{value:.6g}")
