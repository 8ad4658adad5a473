"""The state of the peers stage."""

from msgspec import Struct, field

from detectors.basis.event_time import Day
from detectors.basis.identifiers import GroupKind, PatternName
from detectors.events.decision import Decision
from detectors.messages.cell_columns import KnownTotals
from detectors.messages.outcomes import DayReport, OpenIds, ShadowCount, Spread
from detectors.peers.bad_market import Market
from detectors.peers.compared import ComparedState
from detectors.peers.spread import DayMoments


class PeersState(Struct, tag="peers-10"):
    """All that the stage remembers.

    Attributes
    ----------
    known
        Totals without the agents who are left out, and with them.
    waiting
        Reports of days that were not reviewed yet, by day and partition.
    reported
        The last day of each agents partition.
    last_day
        The last day that was reviewed.
    spread, moments
        The spread in force, and the sums that it follows from.
    shadow
        The last counts that each partition reported.
    held
        Whether days still wait for the decisions of people to be known.
    decisions
        Those of days that were not reviewed yet, in the order of their log.
    groups
        What is known of the groups of each kind.
    subjects, open_alerts, agents
        Of groups: how many each partition has told of, and their open alerts as of the last review.
        Of agents: how many are judged.
    markets
        Whether the whole market has turned bad, by pattern; not of groups.
    compared
        By kind the groups with the rest of which members are compared.
    """

    known: dict[PatternName, KnownTotals]
    waiting: dict[Day, dict[int, DayReport]] = field(default_factory=dict)
    reported: dict[int, int] = field(default_factory=dict)
    last_day: Day | None = None
    spread: dict[PatternName, Spread] = field(default_factory=dict)
    moments: dict[PatternName, DayMoments] = field(default_factory=dict)
    shadow: dict[int, dict[PatternName, ShadowCount]] = field(default_factory=dict)
    held: bool = False
    decisions: list[Decision] = field(default_factory=list)
    groups: dict[GroupKind, "PeersState"] = field(default_factory=dict)
    subjects: dict[int, int] = field(default_factory=dict)
    open_alerts: dict[int, OpenIds] = field(default_factory=dict)
    agents: int = 0
    markets: dict[PatternName, Market] = field(default_factory=dict)
    compared: ComparedState = field(default_factory=dict)
