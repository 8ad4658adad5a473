"""What a mature tier saves."""

from msgspec import Struct

from detectors.agents.alerting.not_judged import NotJudgedState
from detectors.agents.alerting.open_alerts import OpenAlertsState
from detectors.agents.mature.bad_outcomes import BadOutcomesState
from detectors.agents.mature.correctable_evidence import CorrectableEvidenceState
from detectors.agents.null.shadow import ShadowState
from detectors.agents.totals.outweighing import OutweighingState
from detectors.agents.totals.own_totals import OwnTotalsState
from detectors.agents.totals.slots import SlotsState
from detectors.basis.event_time import Day
from detectors.messages.outcomes import Dispersion, Spread


class MatureTierState(Struct):
    """A `MatureTier` in a snapshot; lists are in the order of the agents."""

    evidence: CorrectableEvidenceState
    slots: SlotsState
    own: OwnTotalsState
    bad: BadOutcomesState
    open_alerts: OpenAlertsState
    left_out: list[int]
    guilty: list[int]
    dispersion: Dispersion
    spread: Spread
    shadow: ShadowState | None
    excused: dict[int, Day]
    not_judged: NotJudgedState
    outweighing: OutweighingState
