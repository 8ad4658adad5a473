"""What the agents stage gives its host."""

from msgspec import Struct

from detectors.alerts.alert import Alert, Subject
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.basis.event_time import Day
from detectors.basis.identifiers import PatternName
from detectors.commission.action import CommissionAction
from detectors.messages.outcomes import DayReport


class AgentsOutput(Struct, frozen=True):
    """What the stage emits; ``judged`` counts the outcomes applied to evidence.

    ``ended`` are the subjects and patterns of which people ended the evidence, each with the day.
    ``requests`` are the sales of a day that somebody is asked to verify.
    ``commissions`` is what becomes of commissions, in the order of days.
    """

    reports: list[DayReport]
    alerts: list[Alert]
    judged: dict[PatternName, int]
    ended: list[tuple[Subject, PatternName, Day]]
    requests: list[VerificationRequest]
    commissions: list[CommissionAction]
    commendations: list[Commendation]
