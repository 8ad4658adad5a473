"""Unused account: an account that its customer never touched after it was sold.

Use is a list of kinds of activity: a complaint or the closing of an account is none. Activity by an
agent or a system is not use, nor is what the seller keyed or was done on their device, whoever is
said to have initiated it. Activity of which nobody can tell whether it was use, by its kind or its
initiator, excludes the account: what could not be read is not told as absent.

A customer who cancels the sale within the window has shown that they know of it, which is a matter
for ``quick_cancellation``: the account is excluded here. A cancellation keyed by an agent or a
system shows nothing of the kind and excuses nothing. One on a new account that names none of its
sales shows it, too: two systems may spell ids apart.

A use that is dated a little before the sale (`time.clock_tolerance`) is one: who activates the
account with the customer at the desk would be accused whenever one clock is a minute behind. One
within a day before it excludes: a source may send dates, or its clock may be hours behind.

A month lets the card, the first bill and the first salary come. Of 234,000 credit cards of one bank
that were suspect and still open, 192,000 had never been activated (its own review, as reported). It
weighs as much as any other rate. It cannot tell an account that nobody wanted from one that nobody
needs yet.
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.identifiers import PatternName
from detectors.events.event import ActivityKind
from detectors.facts.account import Verdict
from detectors.facts.questions import CANCELLATIONS, USES, AnyQuestion
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, cancelled, sold, used
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

_IDLE: Final = (
    "Use that no source reports: another channel, an app, a branch, a partner.",
    "Accounts that begin later: a delivery, a card in the mail, a policy from next year.",
    "A product that lies idle by nature, such as a reserve or an insurance.",
)


class UnusedAccount(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``unused_account``.

    ``use``: the kinds of activity that are use of an account.
    """

    name: ClassVar[PatternName] = PatternName("unused_account")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (USES, CANCELLATIONS)
    alerts_on_account: ClassVar[bool] = True
    bad_by_absence: ClassVar[bool] = True
    commends: ClassVar[bool] = True

    advice: ClassVar[Advice] = Advice(
        next_step="Ask the customers of five of the unused accounts whether they know the account, "
        "and wanted it. Use another number than the one on the sale.",
        would_clear="Use of the accounts by their customers from another record, or the customers' "
        "own word that they wanted them.",
        explanations_unchecked=(
            *_IDLE,
            "Ids that two systems spell differently, for the sales of this agent alone.",
        ),
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Ask the customer whether they know the account, and wanted it. Use another "
        "number than the one on the sale.",
        would_clear="Use of the account by its customer from another record, or the customer's own "
        "word that they wanted it.",
        explanations_unchecked=(*_IDLE, "An id that two systems spell differently."),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample("Nobody ever used the account.", Verdict.BAD, (sold(),)),
        PatternExample("The customer used it in the second week.", Verdict.GOOD, (sold(), used(9))),
        PatternExample(
            "Only the seller logged in, as the customer.",
            Verdict.BAD,
            (sold(), used(1, kind="login", agent_id="agent-1")),
        ),
        PatternExample(
            "The customer cancelled, and so knew of the account.",
            Verdict.EXCLUDED,
            (sold(), cancelled(4)),
            honest="cancelled by the customer",
        ),
        PatternExample(
            "Something was done that no list knows.",
            Verdict.EXCLUDED,
            (sold(), used(3, kind="other", kind_as_sent="top_up")),
            honest="followed by activity",
        ),
    )

    window: Duration = "30d"
    use: Annotated[tuple[ActivityKind, ...], Meta(min_length=1)] = (
        "login",
        "usage",
        "payment",
        "deposit",
        "withdrawal",
    )

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return f"never used by the customer within {in_words(self.window)}"

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (
            "cancelled by the customer, who thus knew of them",
            "followed by activity of which nobody can tell whether it was use",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by activity from a little before each sale to the end of its window."""
        used = sales[USES].any()
        if used.all():
            return choose(~used, used)
        cancelled = sales[CANCELLATIONS]
        excused = cancelled.by_customer() | cancelled.unnamed() | sales[USES].perhaps()
        return choose(excused & ~used, used)

    def why(self, sales: Sales) -> str:
        """Return what the customer did, or that it was nothing."""
        verdict = self.verdict(sales)
        if verdict is Verdict.GOOD and sales.from_the_sale_on()[USES].any()[0]:
            return "The customer used the account within the window."
        if verdict is Verdict.GOOD:
            return (
                "The customer used the account at a time that is dated shortly before the sale, "
                "within time.clock_tolerance: one of the two clocks is taken to be wrong."
            )
        if verdict is Verdict.EXCLUDED:
            return _why_excluded(sales)
        return "No use by the customer is among them, and no cancellation by them."


def _why_excluded(sales: Sales) -> str:
    if sales[CANCELLATIONS].by_customer()[0]:
        return "The customer cancelled the sale, and so knew of the account."
    if sales[CANCELLATIONS].unnamed()[0]:
        return "The customer cancelled something on the account, and so knew of it."
    if sales[USES].shortly_before()[0]:
        return (
            "The customer used the account at a time that is dated within a day before the sale. "
            "The source may send dates, or its clock may be behind, so nothing is said."
        )
    return "Of some activity nobody can tell whether it was use, so nothing is said."
