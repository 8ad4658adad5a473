"""Fee at exit: a customer whom nobody had told of a fee was charged one for leaving.

The hard form of ``undisclosed_fee``: what was left out has cost somebody money, and the customer
with it. Bad is a sale whose fees were not disclosed, and that was cancelled within the window for a
fee. One such sale is a finding about its account; a rate far above that of peers is one about the
agent. It cannot tell a fee for leaving from another one that is noted at the cancellation.
The source is the article on upselling (Aoki), with its hidden fee for cancelling. A month is looked
at: a first bill comes within it.
"""

from typing import ClassVar, Final

import numpy as np

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Reals, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, cancelled, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.sale.undisclosed_fee import DISCLOSED
from detectors.patterns.verdicts import Verdicts, choose, nothing

_HONEST: Final = (
    "Fees that were disclosed in writing or on a screen, which the flag does not know.",
    "A fee for something else, such as a device that was not sent back.",
    "A fee that was waived later.",
)
_CLEARS: Final = "A call, or papers from before the sale, on which the fee is named."


class FeeAtExit(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``fee_at_exit``.

    ``window``: within how long after a sale a customer who leaves is looked at.
    """

    name: ClassVar[PatternName] = PatternName("fee_at_exit")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (DISCLOSED, CANCELLATIONS)
    alerts_on_account: ClassVar[bool] = True
    tells_at_once: ClassVar[bool] = True
    unit_phrase: ClassVar[str] = "sales of which it is known whether fees were disclosed"
    advice: ClassVar[Advice] = Advice(
        next_step="Pay the fees back. Then listen to three of the calls for what was said of them.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Listen to the call. If the fee was not named, pay it back.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Nobody named the fee, and it was charged.",
            Verdict.BAD,
            (sold(fees_disclosed=False), cancelled(12, fee=30.0)),
        ),
        PatternExample(
            "The fee was named.",
            Verdict.GOOD,
            (sold(fees_disclosed=True), cancelled(12, fee=30.0)),
        ),
        PatternExample(
            "Nobody named it, and nobody charged it.",
            Verdict.GOOD,
            (sold(fees_disclosed=False), cancelled(12)),
        ),
        PatternExample(
            "Nobody reviewed the call.", Verdict.EXCLUDED, (sold(), cancelled(12, fee=30.0))
        ),
    )

    enabled: bool = False
    window: Duration = "30d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"cancelled within {in_words(self.window)} for a fee that had not been disclosed at "
            "the sale"
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what was disclosed, and what was charged."""
        return choose(nothing(sales), np.isinf(self.certain_at(sales)))

    def certain_at(self, sales: Sales) -> Reals:
        """Return when a fee was charged that had not been disclosed."""
        return np.where(sales[DISCLOSED] == 0.0, sales[CANCELLATIONS].charged_at(), np.inf)

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and the cancellations that cost a fee."""
        start = Seconds(sale.at - (end - sale.at))
        known = account.cancellations_of(sale.sale_id, start, end)
        return (sale.event_id, *dict.fromkeys(one.event_id for one in known if one.charged))
