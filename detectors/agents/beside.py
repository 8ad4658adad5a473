"""What the agents stage tells beside alerts: requests to verify, commissions, commendations."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from msgspec import Struct, field

from detectors.agents.alerting.tier_base import TierBase
from detectors.agents.believed import Believed
from detectors.agents.causes.common import CommonCauses
from detectors.agents.commending import Commending, CommendingState
from detectors.agents.commissions import Commissions, CommissionsState
from detectors.agents.mature.tier import MatureTier
from detectors.agents.requests import Requests, RequestsState
from detectors.alerts.alert import Alert
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.commission.action import CommissionAction
from detectors.messages.commissions import OpenCritical
from detectors.settings import Settings


class BesideState(Struct):
    """All that a `Beside` remembers: which sales were asked for, commissions, who is commended."""

    requests: RequestsState = field(default_factory=RequestsState)
    commissions: CommissionsState = field(default_factory=CommissionsState)
    commending: CommendingState = field(default_factory=CommendingState)


class ToldBeside(NamedTuple):
    """What became due since the last call, each in the order of days."""

    requests: list[VerificationRequest]
    commissions: list[CommissionAction]
    commendations: list[Commendation]


class Beside:
    """Everything that is told beside alerts, each at its place in a day.

    Parameters
    ----------
    settings
        All settings.
    mature, tiers
        The mature tiers of agents, and all of them.
    causes, believed
        As `Commending` needs them.

    Attributes
    ----------
    requests, commissions, commending
        Each of them.
    """

    def __init__(
        self,
        settings: Settings,
        mature: Mapping[PatternName, MatureTier],
        tiers: Sequence[TierBase],
        causes: CommonCauses,
        believed: Believed,
    ) -> None:
        self.requests: Final = Requests(settings, mature, tiers)
        self.commissions: Final = Commissions(settings)
        self.commending: Final = Commending(settings, tiers, causes, believed)

    def judged(
        self,
        day: Day,
        critical: list[OpenCritical],
        confirmed: Collection[AgentId],
        alerts: Sequence[Alert],
    ) -> None:
        """Tell what follows from a day that was judged, and from its alerts.

        `critical` are the open alerts that commissions wait for, `confirmed` agents those of whom
        people found that they sold falsely. Call it before what was unseen on the day is forgotten.
        """
        self.commending.judge(day, confirmed)
        self.commissions.judged(day, critical, alerts)

    def noted(self, alerts: Iterable[Alert]) -> Iterator[Alert]:
        """Yield alerts with how the verified sales were chosen on which they rest."""
        return map(self.requests.noted, alerts)

    def drain(self) -> ToldBeside:
        """Return what became due since the last call, once."""
        return ToldBeside(self.requests.drain(), self.commissions.drain(), self.commending.drain())

    def snapshot(self) -> BesideState:
        """Return the whole state; it shares records with this object: encode it at once."""
        commissions = self.commissions.snapshot()
        return BesideState(self.requests.state, commissions, self.commending.state)

    def restore(self, state: BesideState) -> None:
        """Restore a state that `snapshot` returned."""
        self.requests.state, self.commending.state = state.requests, state.commending
        self.commissions.restore(state.commissions)
