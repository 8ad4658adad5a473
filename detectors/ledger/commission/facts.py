"""What a ledger tells of the commissions of its sales, collected until it is drained."""

from collections.abc import Sequence
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId
from detectors.evidence.arrays import Reals
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.apart import account_of
from detectors.messages.commissions import CommissionFact, Phase
from detectors.messages.good_outcomes import GoodOutcomes
from detectors.patterns.commission import COMMISSION, CommissionMade
from detectors.settings import Settings


class CommissionFacts:
    """Tells of sales what their commissions rest on; nothing where the settings do not ask.

    What is said of a sale first has revision 0, whether it was kept in columns or as an object.

    Parameters
    ----------
    settings
        All settings.
    numbers
        The names of the numbers that sales remember of their events, in their order.
    """

    def __init__(self, settings: Settings, numbers: Sequence[str]) -> None:
        paying = settings.commission
        self._due_after: Final = seconds_of(paying.window)
        self._place: Final = numbers.index(COMMISSION.field) if paying.is_on else None
        self._phases: Final[dict[int, Phase]] = {
            index: "made" if isinstance(asked, CommissionMade) else "due"
            for index, asked in enumerate(settings.in_accounts())
            if asked in paying.asked()
        }
        self._told: list[CommissionFact] = []

    def asks(self, index: int) -> bool:
        """Return whether what is settled by this number is no pattern, but told here."""
        return index in self._phases

    def drain(self) -> list[CommissionFact]:
        """Return what was told since the last call."""
        told, self._told = self._told, []
        return told

    def tell(
        self,
        account_id: AccountId,
        sale: SaleRecord,
        index: int,
        verdict: Verdict,
        known_at: Seconds,
    ) -> None:
        """Tell the verdict on a sale, which is not the one that it had; nobody's has none."""
        counts = sale.revisions
        is_first = sale.is_pending(index) and not (index < len(counts) and counts[index])
        revision = 0 if is_first else sale.next_revision(index)
        if sale.agent_id is None or self._place is None:
            return
        self._told.append(
            CommissionFact(
                account_of(account_id),
                sale.sale_id,
                self._phases[index],
                revision,
                known_at,
                sale.agent_id,
                sale.at,
                sale.at + self._due_after,
                verdict,
                sale.numbers[self._place],
                sale.site,
            )
        )

    def tell_good(self, index: int, good: GoodOutcomes, at: Reals, amounts: Reals) -> None:
        """Tell that sales in columns are good, which were made ``at`` some times (seconds)."""
        phase, due_after = self._phases[index], self._due_after
        columns = (good.matured_at, good.agents, at, amounts, good.sites)
        rows = zip(
            good.ids.accounts, good.ids.sales, *(column.tolist() for column in columns), strict=True
        )
        self._told += [
            CommissionFact(
                account_id,
                sale_id,
                phase,
                0,
                known_at,
                agent_id,
                sold_at,
                Seconds(sold_at + due_after),
                Verdict.GOOD,
                None if amount != amount else amount,  # noqa: PLR0124 - no number is none
                site,
            )
            for account_id, sale_id, known_at, agent_id, sold_at, amount, site in rows
            if agent_id is not None
        ]

    def replace(self, known: SaleRecord, claim: SaleRecord) -> None:
        """Let a claim take the place of another one, of which something may have been told.

        What is told of it has a greater revision; and it is told anew where it names another
        commission, though all else be the same.
        """
        if self._place is None:
            return
        differs = known.numbers[self._place] != claim.numbers[self._place]
        counts = [*claim.revisions, *[0] * (max(self._phases) + 1 - len(claim.revisions))]
        for index in self._phases:
            was_told = not known.is_pending(index) or index < len(known.revisions)
            counts[index] = known.next_revision(index) if was_told else 0
            if differs:
                claim.set_verdict(index, Verdict.PENDING)
        claim.revisions = tuple(counts) if any(counts) else ()
