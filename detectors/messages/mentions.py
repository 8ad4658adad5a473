"""The message in which a ledger of accounts hands what it knows to a ledger of keys."""

from msgspec import Struct, field

from detectors.basis.event_time import Seconds
from detectors.facts.mention import Mention
from detectors.facts.staff.record import StaffRecord
from detectors.facts.traffic.touch import Touch
from detectors.messages.merging.agents import MergedAgent


class MentionBundle(Struct, frozen=True, array_like=True):
    """What one ledger partition sends to one partition of the keys.

    ``watermark``: no mention that became known before it will follow. Sent twice, a bundle changes
    nothing the second time. ``empty`` is as in an `OutcomeBundle`. ``touches`` are what agents had
    to do with customers, for patterns that ask for it, ``merged`` ids of agents that became part
    of others, which every partition of the keys is to know. ``staff`` is what became known of
    agents.
    """

    ledger_partition: int
    watermark: Seconds
    mentions: list[Mention] = field(default_factory=list)
    empty: bool = False
    touches: list[Touch] = field(default_factory=list)
    merged: list[MergedAgent] = field(default_factory=list)
    staff: list[StaffRecord] = field(default_factory=list)
