"""Claims about sales merged into an account: repeats, corrections, and contradictions."""

from typing import Final

from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.basis.text_hash import sale_hash
from detectors.facts.account import Account, SaleRecord
from detectors.facts.apart import account_of
from detectors.facts.claims import (
    contradictions,
    corrections,
    fields_of,
    known_claim,
    precedes,
)
from detectors.ledger.disputes import Disputes
from detectors.ledger.matches import Matches
from detectors.ledger.mentions import Mentions
from detectors.ledger.settlement import Settlement
from detectors.messages.contested import ContestedSale

MOST_CLAIMANTS: Final = 8
"""Other agents who are remembered of one sale: no sender fills a memory with their names."""


class Claims:
    """Merges claims, and notes what they contradict each other in, each once.

    Parameters
    ----------
    settlement, mentions, matches, disputes
        Those of the ledger.
    span
        Seconds between two claims, beyond which they are about two sales.
    heeds_versions
        Whether a claim of a greater version corrects others. If not, all are of the lowest.

    Attributes
    ----------
    as_arrived
        Whether claims come in the order in which they arrived. If not, a contested sale counts for
        nobody: their times are chosen by those who send them.
    """

    def __init__(
        self,
        settlement: Settlement,
        mentions: Mentions,
        matches: Matches,
        disputes: Disputes,
        span: float,
        *,
        heeds_versions: bool = False,
    ) -> None:
        self.as_arrived = True
        self.heeds_versions: Final = heeds_versions
        self._settlement: Final = settlement
        self._mentions: Final = mentions
        self._matches: Final = matches
        self._disputes: Final = disputes
        self._span: Final = span
        self._told: list[ContestedSale] = []

    def lowered(self, claim: SaleRecord) -> bool:
        """Make a claim one of the lowest version if versions are not heeded; return whether."""
        is_lowered = claim.version > 1 and not self.heeds_versions
        if is_lowered:
            claim.version = 1
        return is_lowered

    def merge(
        self, account_id: AccountId, account: Account, claim: SaleRecord, watermark: Seconds
    ) -> bool | None:
        """Merge a claim into an account; return whether it changed anything.

        None if the claim is now the record of its sale: it is to be planned and told as a new one.
        """
        known = known_claim(account.sales, claim, self._span)
        if known is not None and known.dispute is not None:
            # Before anything new becomes known, however seldom the ledger is drained.
            self._disputes.tell(account_id, (known,), watermark)
        if known is None:
            self._matches.sold(account, claim)
        elif claim.version != known.version:
            is_new = self._note_correction(account_id, known, claim, watermark)
            if claim.version < known.version:
                self._mentions.take_back_claim(account_id, claim, watermark)
                return is_new
            self._mentions.correct(account_id, known, claim, watermark)
            self._replace(account_id, known, claim, watermark)
        else:
            if fields := contradictions(known, claim):
                return self._contest(account_id, account, known, claim, fields, watermark)
            if precedes(known, claim):
                return self._mentions.repeat(account_id, account, known, claim, watermark)
            claim.contested, claim.claimants = known.contested, known.claimants
            claim.is_undecided = known.is_undecided
            claim.corrected, claim.former = known.corrected, known.former
            claim.dispute = known.dispute
            self._mentions.replace(account_id, known, claim, watermark)
            self._replace(account_id, known, claim, watermark)
        if known is not None:
            account.remove_sale(known)
        account.add_sale(claim)
        return None

    def drain(self) -> list[ContestedSale]:
        """Return what was told of contested sales since the last call."""
        told, self._told = self._told, []
        return told

    def _contest(
        self,
        account_id: AccountId,
        account: Account,
        known: SaleRecord,
        claim: SaleRecord,
        fields: int,
        watermark: Seconds,
    ) -> bool:
        """Note a claim that contradicts the known one, which holds if it was the first to arrive.

        If nobody can tell that, what was said of the sale is taken back.
        """
        if not self._note(account_id, known, claim, fields, watermark):
            return False
        self._disputes.note(account_id, known, claim, max(known.at, claim.at, watermark))
        if known.is_undecided:
            self._mentions.take_back(account_id, known, watermark)
            self._settlement.settle_again(account_id, account, watermark, account.sales)
        return True

    def _note(
        self,
        account_id: AccountId,
        known: SaleRecord,
        claim: SaleRecord,
        fields: int,
        watermark: Seconds,
    ) -> bool:
        """Note in which fields and whom claims contradict; return whether that is new."""
        before = (known.contested, known.is_undecided, known.claimants)
        counts = self._matches.counts.contested
        for field in fields_of(fields & ~known.contested):
            counts[field] = counts.get(field, 0) + 1
        known_at = max(claim.at, watermark)
        hashed = sale_hash(known.sale_id, account_of(account_id))
        if not known.contested and known.agent_id is not None:
            self._told.append(ContestedSale(known.agent_id, hashed, known_at))
        known.contested |= fields
        known.is_undecided |= not self.as_arrived
        other, also = claim.agent_id, known.claimants
        if other is not None and other not in (known.agent_id, *also):
            known.claimants = (*also, other)[:MOST_CLAIMANTS]
            if len(also) < MOST_CLAIMANTS:
                self._told.append(ContestedSale(other, hashed, known_at))
        return (known.contested, known.is_undecided, known.claimants) != before

    def _note_correction(
        self, account_id: AccountId, known: SaleRecord, claim: SaleRecord, watermark: Seconds
    ) -> bool:
        """Note, with the one that holds, in what two versions differ; return whether it is new.

        It settles what was contested before, and everybody whom either names hears of it.
        """
        fields = corrections(known, claim)
        holds = max(known, claim, key=lambda one: one.version)
        corrected, former = known.corrected, known.former
        counts = self._matches.counts.corrected
        for field in fields_of(fields & ~corrected):
            counts[field] = counts.get(field, 0) + 1
        if known.agent_id != claim.agent_id:
            known_at = max(known.at, claim.at, watermark)
            hashed = sale_hash(known.sale_id, account_of(account_id))
            named = {one for one in (known.agent_id, claim.agent_id) if one is not None}
            new = sorted(named - {*former})[: MOST_CLAIMANTS + 1 - len(former)]
            self._told += [ContestedSale(one, hashed, known_at, "corrected") for one in new]
            former = tuple(sorted((*former, *new)))
        before = (known.corrected, known.former, known.dispute)
        holds.corrected, holds.former = corrected | fields, former
        holds.dispute = known.dispute
        other = claim if holds is known else known
        self._disputes.note(account_id, holds, other, max(known.at, claim.at, watermark))
        return (holds.corrected, holds.former, holds.dispute) != before

    def _replace(
        self, account_id: AccountId, known: SaleRecord, claim: SaleRecord, watermark: Seconds
    ) -> None:
        """Replace a known record by a claim that holds in its place; withdraw it."""
        if known.is_told_as(claim):
            # The same sale under another event id: what was emitted stands, or is corrected.
            claim.verdicts = known.verdicts
        else:
            self._settlement.take_back(account_id, known, watermark)
        if known.at == claim.at:
            claim.revisions, claim.opened = known.revisions, known.opened
        self._settlement.commissions.replace(known, claim)
        self._settlement.close(known)
