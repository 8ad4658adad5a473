"""What a ledger emits."""

from msgspec import Struct, field

from detectors.basis.identifiers import AccountId
from detectors.facts.mention import Mention
from detectors.facts.staff.record import StaffRecord
from detectors.facts.traffic.touch import Touch
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.messages.merging.agents import MergedAgent
from detectors.messages.outcomes import OutcomeBundle


class LedgerOutput(Struct, frozen=True):
    """What a ledger emits: all that became known since it was last drained.

    ``changed``: ids of the accounts whose state is new or gone (for the host to persist).
    ``mentions``, ``touches``, ``staff``: what the ledgers of keys are to know, and the ids of
    agents that were ``merged``. ``good``: outcomes that the bundle lacks.
    """

    bundle: OutcomeBundle
    changed: set[AccountId] = field(default_factory=set)
    mentions: list[Mention] = field(default_factory=list)
    good: tuple[GoodOutcomes, ...] = ()
    touches: list[Touch] = field(default_factory=list)
    merged: list[MergedAgent] = field(default_factory=list)
    staff: list[StaffRecord] = field(default_factory=list)
