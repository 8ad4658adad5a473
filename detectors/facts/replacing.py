"""Which sale was made in the place of which: as the later one says."""

from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AgentId, SaleId

MOST_REPLACEMENTS: Final = 64
"""Sales in the place of one that are remembered: no sender fills a memory with them."""


class Replacement(Struct, frozen=True, array_like=True, gc=False):
    """A sale `by` of an agent says that it was made in the place of another: ``sale_id``."""

    sale_id: SaleId
    by: SaleId
    agent_id: AgentId | None
    at: Seconds


def by_time(one: Replacement) -> tuple[Seconds, SaleId, AgentId]:
    """Return a key by time that no two sales share."""
    return (one.at, one.by, one.agent_id or AgentId(""))
