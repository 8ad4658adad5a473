"""What is written of a ledger partition beside its accounts."""

from msgspec import Struct, field

from detectors.basis.event_time import Seconds
from detectors.ledger.clock import SourceClock
from detectors.ledger.distrust import Stretch
from detectors.ledger.matches import MatchCounts
from detectors.messages.holes import Hole
from detectors.messages.merging.agents import MergedAgent
from streams.stages.actors.placement import Placed
from streams.wire.topics import Topic


class LedgerState(Struct, tag="ledger-13"):
    """State of a ledger partition beside its accounts.

    ``granted`` is the event time up to which the stream counts as complete by the silence of its
    topics: the watermark moves there next. ``arrived`` is when the newest record arrived, in
    seconds since the epoch. ``holes`` are records that it had to go on without. ``placed`` counts
    records that are not in the partition of their account, ``distrusted`` is when their topics were
    not believed. ``matches`` counts what met what it belongs to, of all that is forgotten.
    ``merged_agents`` are ids of agents that became part of others.
    """

    config_hash: str
    watermark: Seconds
    granted: Seconds
    arrived: float
    clock: dict[str, SourceClock]
    holes: list[Hole] = field(default_factory=list)
    placed: dict[Topic, Placed] = field(default_factory=dict)
    distrusted: list[Stretch] = field(default_factory=list)
    matches: MatchCounts = field(default_factory=MatchCounts)
    merged_agents: list[MergedAgent] = field(default_factory=list)
