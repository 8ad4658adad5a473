"""Sales that are excluded whatever their pattern says of them, and what is told of that."""

from typing import Final

from detectors.basis.event_time import Seconds
from detectors.basis.text_hash import sale_hash
from detectors.facts.account import Verdict
from detectors.facts.apart import account_of
from detectors.facts.questions import CANCELLATIONS, asks_activity
from detectors.facts.sales import Sales, Sold
from detectors.facts.uses import any_within
from detectors.ledger.distrust import Distrust
from detectors.messages.contested import ContestedSale
from detectors.patterns import SalePattern
from detectors.patterns.verdicts import Verdicts
from detectors.settings import Settings


class Exclusions:
    """Excludes what a pattern cannot know of a sale.

    - Whose sale it is: claims contradict each other, and nobody can tell which came first.
    - Whether an account was used that is oversized.
    - What came after its account became part of another one (`AccountMerged`), where the settings
      believe that. Good ones are excluded as bad ones are: else everybody would look better.
    - What did not happen in a time in which a source could not be believed.

    Parameters
    ----------
    settings
        All settings.
    distrust
        Tells of which time a source cannot be believed.
    """

    def __init__(self, settings: Settings, distrust: Distrust) -> None:
        self._distrust: Final = distrust
        self._forgiven: Final = settings.time.forgiven
        self._heeds_merges: Final = settings.corrections.merges
        self._told: list[ContestedSale] = []

    def drain(self) -> list[ContestedSale]:
        """Return which sales were left out since the last call, since their account was merged."""
        told, self._told = self._told, []
        return told

    def judged(self, pattern: SalePattern, sales: Sales) -> list[int]:
        """Return the verdicts of a pattern on some sales, with these exclusions."""
        verdicts: list[int] = pattern.judged(sales).tolist()
        by_use = asks_activity(pattern.questions)
        for number, sold in enumerate(sales.rows):  # of every sale, so what is rare comes after it
            if sold.sale.is_undecided or (by_use and sold.account.is_apart):
                verdicts[number] = Verdict.EXCLUDED
        if self._heeds_merges and (by_use or CANCELLATIONS in pattern.questions):
            for number, sold in enumerate(sales.rows):
                if sold.account.merges and _is_merged(sold, sales.end[number]):
                    verdicts[number] = Verdict.EXCLUDED
        by_absence = _by_absence(pattern)
        if by_absence is not None:
            for number, verdict in enumerate(verdicts):
                if verdict == by_absence and self._unseen(sales, number):
                    verdicts[number] = Verdict.EXCLUDED
        return verdicts

    def screened(self, pattern: SalePattern, sales: Sales, verdicts: Verdicts) -> Verdicts:
        """Return verdicts in columns; bad are those that `judged` is to look at one by one."""
        if pattern.good_by_absence:
            for number in range(len(sales) if self._distrust.snapshot() else 0):
                if self._unseen(sales, number):
                    verdicts[number] = Verdict.BAD
        return verdicts

    def note(self, pattern: SalePattern, sold: Sold, window: float, known_at: Seconds) -> None:
        """Note that a sale was excluded, which is told of its seller if a merge is the reason."""
        if not (self._heeds_merges and sold.account.merges):  # nearly always
            return
        sale, agent_id = sold.sale, sold.sale.agent_id
        asks = asks_activity(pattern.questions) or CANCELLATIONS in pattern.questions
        asks = asks and not pattern.good_by_absence  # of a commission, which is no evidence
        if agent_id is not None and asks and _is_merged(sold, sale.at + window):
            hashed = sale_hash(sale.sale_id, account_of(sold.account_id))
            self._told.append(ContestedSale(agent_id, hashed, known_at, "merged"))

    def _unseen(self, sales: Sales, number: int) -> bool:
        since, end = sales.at[number] - self._forgiven, sales.end[number]
        return self._distrust.touches(Seconds(float(since)), Seconds(float(end)))


def _by_absence(pattern: SalePattern) -> Verdict | None:
    """Return the verdict that says that something did not happen, None if there is none."""
    if pattern.bad_by_absence:
        return Verdict.BAD
    return Verdict.GOOD if pattern.good_by_absence else None


def _is_merged(sold: Sold, end: float) -> bool:
    """Return whether the account was merged within the window of a sale, before or after it.

    Before it as well, as for a cancellation: one of the two clocks may be wrong.
    """
    at = sold.sale.at
    return any_within(sold.account.merges, Seconds(at - (end - at)), Seconds(end))
