"""Which sale was made in the place of which: as the later one says."""

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, SaleId


class Replacement(Struct, frozen=True, array_like=True, gc=False):
    """A sale `by` of an agent says that it was made in the place of another: ``sale_id``."""

    sale_id: SaleId
    by: SaleId
    agent_id: AgentId | None
    at: Seconds
