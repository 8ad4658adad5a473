"""One revision of an alert about an agent, and the same figures recomputed."""

from math import isclose
from typing import Final, NamedTuple

from msgspec import UNSET

from detectors.alerts.alert import Alert, Ending, Withdrawal, evidence_of
from detectors.alerts.evidence import AgainstPeers, RateEvidence
from detectors.basis.event_time import Day, day_name
from detectors.evidence.rate_ratio import RateRatio, shrunk_rate_ratio

TOLERANCE: Final = 1e-5
"""Relative; alerts carry six significant figures."""

EFFECT_TOLERANCE: Final = 1e-3
"""Relative, of the effect: between honest and dishonest it moves faster than the counts do."""


class Comparison(NamedTuple):
    """One revision, and the same figures recomputed; in the early tier no sale has matured."""

    alert: Alert
    evidence: float
    matured: int
    observed: int
    expected: float
    quiet_since: Day | None
    ending: Ending | None
    withdrawal: Withdrawal | None = None

    @property
    def said(self) -> AgainstPeers:
        """What the alert says."""
        return evidence_of(self.alert, AgainstPeers)

    @property
    def said_matured(self) -> int:
        """How many sales the alert says have matured."""
        return self.said.matured if isinstance(self.said, RateEvidence) else 0

    def agrees(self) -> bool:
        """Return whether alert and recomputation say the same."""
        said = self.said
        return (
            isclose(said.value, self.evidence, rel_tol=TOLERANCE)
            and isclose(said.expected, self.expected, rel_tol=TOLERANCE)
            and (self.said_matured, said.observed) == (self.matured, self.observed)
            and self._effects_agree()
            and self._state_agrees()
        )

    def said_state(self) -> str:
        """Return in a word how the alert stands, as it says itself."""
        alert = self.alert
        if alert.status == "withdrawn":
            return f"withdrawn: {alert.withdrawal or 'for no reason'}"
        if alert.status != "open":
            return alert.ending or alert.status
        return "open" if alert.quiet_since is UNSET else "quiet"

    def state(self) -> str:
        """Return in a word how it stands by the recomputation."""
        if self.withdrawal is not None:
            return f"withdrawn: {self.withdrawal}"
        return self.ending or ("open" if self.quiet_since is None else "quiet")

    def _state_agrees(self) -> bool:
        quiet_since = UNSET if self.quiet_since is None else day_name(self.quiet_since)
        status = "open" if self.ending is None else "resolved"
        if self.withdrawal is not None:
            status = "withdrawn"
        alert = self.alert
        return (alert.status, alert.quiet_since, alert.ending, alert.withdrawal) == (
            status,
            quiet_since,
            self.ending or UNSET,
            self.withdrawal or UNSET,
        )

    def effect(self) -> RateRatio:
        """Return what the recomputed counts say, among agents who differ as the alert says."""
        return shrunk_rate_ratio(self.observed, self.expected, self.said.between_agent_sd)

    def _effects_agree(self) -> bool:
        said, effect = self.said, self.effect()
        return all(
            isclose(told, recomputed, rel_tol=EFFECT_TOLERANCE)
            for told, recomputed in (
                (said.rate_ratio, effect.estimate),
                (said.rate_ratio_low, effect.lower),
                (said.rate_ratio_high, effect.upper),
            )
        )
