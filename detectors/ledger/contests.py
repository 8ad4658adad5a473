"""Claims that contradict each other: noted with their sale, counted, and told to the agents."""

from typing import Final

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.basis.text_hash import sale_hash
from detectors.facts.account import SaleRecord
from detectors.facts.claims import fields_of
from detectors.ledger.matches import MatchCounts
from detectors.messages.contested import ContestedSale

MOST_CLAIMANTS: Final = 8
"""Other agents who are remembered of one sale: no sender fills a memory with their names."""


class Contests:
    """Notes what claims contradict each other in, each once, however often they are repeated."""

    def __init__(self) -> None:
        self._told: list[ContestedSale] = []

    def note(
        self,
        account_id: AccountId,
        holds: SaleRecord,
        claim: SaleRecord,
        fields: int,
        watermark: Seconds,
        counts: MatchCounts,
    ) -> bool:
        """Note that a claim contradicts the one that holds; return whether that says anything new.

        `fields` says in what (`detectors.facts.claims`).
        """
        is_first, new = not holds.contested, fields & ~holds.contested
        for field in fields_of(new):
            counts.contested[field] = counts.contested.get(field, 0) + 1
        holds.contested |= fields
        known_at, hashed = max(claim.at, watermark), sale_hash(holds.sale_id, account_id)
        if is_first and holds.agent_id is not None:
            self._told.append(ContestedSale(holds.agent_id, hashed, known_at))
        other, also = claim.agent_id, holds.claimants
        if other in (None, holds.agent_id, *also) or len(also) == MOST_CLAIMANTS:
            return bool(new)
        assert other is not None  # noqa: S101 # as said above
        holds.claimants = (*also, other)
        self._told.append(ContestedSale(other, hashed, known_at))
        return True

    def drain(self) -> list[ContestedSale]:
        """Return what was told since the last call."""
        told, self._told = self._told, []
        return told
