"""Self-cancelled: the seller undid the sale themselves, before the customer was ever charged.

A sale that was never wanted is counted, and cancelled before the first bill could tell its customer
of it. Bad is a sale that its seller cancelled of their own accord within the window: they keyed the
cancellation, and no customer is said to have asked for it. Sellers of a video service often did so
before the recurring charge (Forbes on AT&T DirecTV Now). It cannot tell who decided: where
a login keys what customers ask for, and is noted as who initiated it, all sellers have such sales.
"""

from typing import ClassVar

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.asked.undoing import is_keyed_by_seller
from detectors.facts.questions import CANCELLATIONS, AnyQuestion
from detectors.facts.sales import Flags, Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, cancelled, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose


class SelfCancelled(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``self_cancelled``.

    ``window``: how long after a sale its first charge comes.
    """

    name: ClassVar[PatternName] = PatternName("self_cancelled")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CANCELLATIONS,)
    tells_unknown: ClassVar[bool] = True
    advice: ClassVar[Advice] = Advice(
        next_step="Let somebody who did not sell to them ask five of these customers whether they "
        "ever had the product, and whether they asked to be rid of it.",
        would_clear="A call or a letter on record in which the customer asks for it, before each "
        "cancellation.",
        explanations_unchecked=(
            "A login that keys what customers ask for, and notes itself as who initiated it.",
            "Orders that were keyed wrongly, and made anew under another account.",
            "A clean-up that everybody was told to do with their own orders.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The seller cancelled it in the third week.",
            Verdict.BAD,
            (sold(), cancelled(20, initiated_by="agent", agent_id="agent-1")),
        ),
        PatternExample("It stands.", Verdict.GOOD, (sold(),)),
        PatternExample(
            "The back office cancelled it.",
            Verdict.GOOD,
            (sold(), cancelled(20, initiated_by="agent", agent_id="agent-2")),
        ),
        PatternExample(
            "The customer asked the seller to.",
            Verdict.EXCLUDED,
            (sold(), cancelled(20, agent_id="agent-1")),
            honest="cancelled by the customer",
        ),
        PatternExample(
            "A colleague sold the customer something else in its place.",
            Verdict.EXCLUDED,
            (
                sold(),
                cancelled(20, initiated_by="agent", agent_id="agent-1"),
                sold(20, sale_id="sale-2", agent_id="agent-2", replaces_sale_id="sale-1"),
            ),
            honest="replaced by a sale",
        ),
        PatternExample(
            "An agent did, nobody knows which.",
            Verdict.EXCLUDED,
            (sold(), cancelled(20, initiated_by="agent")),
            honest="cancelled by an agent",
        ),
    )

    enabled: bool = False
    window: Duration = "30d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"cancelled within {in_words(self.window)} by the seller, of their own accord"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (
            "cancelled by the customer, or at their wish",
            "cancelled by an agent of whom nobody knows who they are",
            "replaced by a sale of somebody else",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by who cancelled each sale."""
        by_seller, unclear = sales[CANCELLATIONS].by_seller()
        return choose(unclear, ~by_seller)

    def unknown(self, sales: Sales) -> Flags:
        """Return which sales an agent cancelled, and nobody knows which agent."""
        return sales[CANCELLATIONS].by_nobody()

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and what its seller keyed."""
        start = Seconds(sale.at - (end - sale.at))
        known = account.cancellations_of(sale.sale_id, start, end)
        own = [one.event_id for one in known if is_keyed_by_seller(sale, one)]
        return (sale.event_id, *dict.fromkeys(own))
