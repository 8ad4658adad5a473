"""Alerts about agents: what the evidence says, in figures and in one sentence."""

from typing import Final

from msgspec import Struct

from detectors.agents.life import Case
from detectors.alerts import Alert, Evidence, Status, Subject
from detectors.event_time import day_name, moment, start_of_day
from detectors.evidence.explanation import LikelyStart
from detectors.evidence.rate_ratio import RateRatio
from detectors.identity import content_id
from detectors.outcomes import AgentId
from detectors.patterns import Pattern
from detectors.settings import Settings
from detectors.wording import agent_sentence


class Standing(Struct, frozen=True):
    """How things stand with an agent at the end of a day; ``value`` is the evidence."""

    day: int
    value: float
    start: LikelyStart
    ratio: RateRatio


class AgentAlerts:
    """Writes the revisions of the alerts of one pattern.

    Parameters
    ----------
    pattern
        The pattern.
    settings
        All settings.
    config_hash
        Identifies the settings in every alert.
    threshold
        Evidence from which on a warning is due.
    """

    def __init__(
        self, pattern: Pattern, settings: Settings, config_hash: str, threshold: float
    ) -> None:
        self._pattern: Final = pattern
        self._peers: Final = "all other sellers, by " + " and ".join(settings.peers.cell)
        self._config_hash: Final = config_hash
        self._threshold: Final = threshold

    def alert_id(self, agent_id: AgentId, day: int) -> str:
        """Give the id of an alert whose episode opens at the end of `day`."""
        return content_id(self._pattern.name, "agent", agent_id, day_name(day))

    def revision(
        self,
        agent_id: AgentId,
        case: Case,
        status: Status,
        standing: Standing,
        pending: int,
        event_ids: tuple[str, ...],
    ) -> Alert:
        """Give the revision that `case` has come to."""
        pattern, start, ratio = self._pattern, standing.start, standing.ratio
        since = start.since
        expected_rate = since.expected / since.outcomes if since.outcomes else 0.0
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
            summary=agent_sentence(
                agent_id=agent_id,
                outcome_phrase=pattern.outcome_phrase,
                matured=since.outcomes,
                observed=since.observed,
                expected=since.expected,
                ratio=ratio,
                likely_start=day_name(start.day),
            ),
            evidence=Evidence(
                window=pattern.window,
                value=_figures(standing.value),
                threshold=_figures(self._threshold),
                matured=since.outcomes,
                pending=pending,
                observed=since.observed,
                expected=_figures(since.expected),
                peers=self._peers,
                rate=_figures(min(1.0, ratio.estimate * expected_rate)),
                rate_low=_figures(min(1.0, ratio.lower * expected_rate)),
                rate_high=_figures(min(1.0, ratio.upper * expected_rate)),
                rate_ratio=_figures(ratio.estimate),
                rate_ratio_low=_figures(ratio.lower),
                rate_ratio_high=_figures(ratio.upper),
                likely_start=day_name(start.day),
            ),
            event_ids=event_ids,
            config_hash=self._config_hash,
        )


def _figures(value: float) -> float:
    """Round to six significant figures: what is told does not hang on the last bit."""
    return float(f"{value:.6g}")
