"""Disputes about single sales, of which an alert about the account tells."""

from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, AgentId, PatternName, SaleId

CONTESTED_SALE: Final = PatternName("contested_sale")
"""The pattern of the alerts about them. It judges nobody, so no settings have its name."""


class Dispute(Struct, frozen=True, array_like=True, gc=False):
    """What claims about one sale say differently, as of a moment (``known_at``).

    ``contested`` and ``corrected`` say in which fields, a bit for each (`detectors.facts.claims`);
    in none once a greater version has settled it. ``revision`` counts what was said of the sale,
    from ``opened_at`` on. ``agent_id``, ``site`` and ``team`` are those of the claim that holds,
    ``others`` are agents whom other claims name. ``event_ids``: the claim that holds, then others.
    ``was_open``: whether what was said before still stood.
    """

    account_id: AccountId
    sale_id: SaleId
    revision: int
    opened_at: Seconds
    known_at: Seconds
    contested: int
    corrected: int
    is_undecided: bool
    agent_id: AgentId | None
    others: tuple[AgentId, ...]
    site: str | None
    team: str | None
    event_ids: tuple[str, ...]
    was_open: bool = False

    @property
    def stands(self) -> bool:
        """Whether claims still say different things."""
        return bool(self.contested or self.corrected)
