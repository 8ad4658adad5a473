"""All that the agents stage remembers, as a snapshot holds it."""

from msgspec import Struct, field

from detectors.agents.believed import BelievedState
from detectors.agents.beside import BesideState
from detectors.agents.causes.common import CommonCausesState
from detectors.agents.closings import ClosingsState
from detectors.agents.early.at_risk import AtRiskState
from detectors.agents.early.tier import EarlyTierState
from detectors.agents.gathering.gathering import GatheringState
from detectors.agents.gathering.pending import PendingState
from detectors.agents.gathering.sales_buffer import SalesBufferState
from detectors.agents.groups.one_kind import GroupsState
from detectors.agents.mature.tier_state import MatureTierState
from detectors.agents.profiles.profiles import ProfilesState
from detectors.agents.reported_day import ReportedDayState
from detectors.agents.roster import RosterState
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.basis.saved_state import read_state
from detectors.messages.outcomes import DayReview


class AgentsState(Struct, tag="agents-17"):
    """All that the stage remembers.

    Attributes
    ----------
    gathering, sales
        Outcomes, and sales made and ended, of days that are not complete.
    pending, at_risk
        Sales whose window may not have passed.
    mature, early, profiles
        What is known of agents.
    reported
        Days whose review has not come.
    reviews
        Reviews that came before they could be used.
    left_out
        The agents whose outcomes of the day reported last are in nobody's baseline.
    next_report, next_judgement
        The first day that has not been reported, and judged; None until there is one.
    believed
        What can be believed of what the ledgers told, and what follows from that alone.
    groups
        What is known of the groups of each kind.
    causes
        What the members of each group did, day by day.
    roster
        Who is judged.
    beside
        What is told beside alerts.
    """

    config_hash: str
    gathering: GatheringState
    sales: SalesBufferState
    pending: PendingState
    at_risk: dict[PatternName, AtRiskState]
    mature: dict[PatternName, MatureTierState]
    early: dict[PatternName, EarlyTierState]
    profiles: ProfilesState
    reported: dict[Day, ReportedDayState] = field(default_factory=dict)
    reviews: dict[Day, DayReview] = field(default_factory=dict)
    left_out: list[AgentId] = field(default_factory=list)
    next_report: Day | None = None
    next_judgement: Day | None = None
    believed: BelievedState = field(default_factory=BelievedState)
    closings: ClosingsState = field(default_factory=dict)
    groups: dict[GroupKind, GroupsState] = field(default_factory=dict)
    causes: CommonCausesState = field(default_factory=CommonCausesState)
    roster: RosterState = field(default_factory=RosterState)
    beside: BesideState = field(default_factory=BesideState)


def read_state_of(snapshot: bytes, config_hash: str) -> AgentsState:
    """Return the state that an agents stage under some settings saved.

    Raises
    ------
    IncompatibleSnapshot
        If the bytes are of another kind or version, or were saved under other settings.
    """
    state = read_state(snapshot, AgentsState, "the agents stage")
    if state.config_hash != config_hash:
        raise IncompatibleSnapshot(
            f"the snapshot was saved under settings {state.config_hash}, these are "
            f"{config_hash}: replay the source topics into fresh state"
        )
    return state
