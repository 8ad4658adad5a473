"""Alerts about a profile: a change to look at, and nothing more."""

from math import exp
from typing import Final

from detectors.agents.profiles.open_alert import OpenProfileAlert
from detectors.alerts.advice import advised
from detectors.alerts.alert import Alert, Status, Subject
from detectors.alerts.evidence import ShiftEvidence
from detectors.basis.content_id import content_id
from detectors.basis.event_time import Day, day_name, end_of_day, moment
from detectors.basis.identifiers import AgentId, PatternName
from detectors.contract.observation import STRANGE
from detectors.messages.outcomes import ShadowCount
from detectors.patterns.advice import ABOUT_AGENTS
from detectors.profiles.numbers import NUMBERS, DailyNumber
from detectors.profiles.profile import Profile

_VERSION: Final = 1

_LARGEST_LOGARITHM: Final = 700.0
"""What the logarithm of a ratio is held at, so that it stays finite."""

_UNCLEAR: Final = " The change may have begun on another day: since then there is none to see."


class ProfileAlerts:
    """Writes the revisions of the alerts about one profile."""

    def __init__(self, name: PatternName, profile: Profile, config_hash: str) -> None:
        self._name: Final = name
        self._kind: Final = profile.kind
        self._watches: Final = profile.watches
        self._number: Final = NUMBERS[profile.watches]
        self._config_hash: Final = config_hash

    def revision(
        self,
        agent_id: AgentId,
        day: Day,
        alert: OpenProfileAlert,
        status: Status,
        null: ShadowCount | None,
    ) -> Alert:
        """Return the revision that `alert` has come to at the end of `day`."""
        scored = alert.change is None
        revision = Alert(
            alert_id=content_id(self._name, "agent", agent_id, day_name(alert.opened_on)),
            revision=alert.revision,
            status=status,
            pattern=self._name,
            pattern_version=_VERSION,
            severity="info",
            subject=Subject("agent", agent_id),
            agent_id=agent_id,
            opened_at=moment(end_of_day(alert.opened_on)),
            updated_at=moment(end_of_day(day)),
            summary=f"Agent {agent_id}: {self._finding(alert)} A change to look at, not a finding.",
            evidence=ShiftEvidence(
                observed=alert.days,
                peers=self._number.peers,
                value=float(f"{alert.score:.6g}") if scored else None,
                threshold=STRANGE if scored else None,
                likely_start=day_name(alert.since),
                null_alarms=None if null is None else null.alarms,
                null_agent_years=None if null is None else float(f"{null.agent_days / 365:.6g}"),
            ),
            event_ids=(),
            config_hash=self._config_hash,
        )
        return advised(revision, (), ABOUT_AGENTS)

    def _finding(self, alert: OpenProfileAlert) -> str:
        """Return what was found; how large a change is, if the detector sees that."""
        since = day_name(alert.since)
        if alert.change is not None:
            change, remark = _change(self._number, alert.change)
            return f"since about {since}, {change}.{remark}"
        remark = f": {alert.remark}" if alert.remark else ""
        return (
            f"the daily number `{self._watches}` has looked unusual to the detector "
            f"`{self._kind}` since {since} (score {alert.score:.2f}){remark}."
        )


def _change(number: DailyNumber, change: float) -> tuple[str, str]:
    """Return how much has changed, and which way by the figure that is read; and what is unclear.

    ADWIN sees a change in all values it keeps. The ratio is that of the values since the likely
    start, and if that day is wrong it may show less of a change, or none.
    """
    ratio = exp(min(max(change, -_LARGEST_LOGARITHM), _LARGEST_LOGARITHM))
    shown = f"{ratio:.2f}"
    more, less = number.ways
    way, remark = "", _UNCLEAR
    if shown != "1.00":
        way, remark = (more if ratio > 1.0 else less), ""
    return number.change.format(way=way, ratio=shown), remark
