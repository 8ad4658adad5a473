"""Shared payer: one payer pays for customers who have nothing to do with each other.

A card or a bank account that pays for three customers of different households may be the agent's
own, or a friend's: that is how sales are made up that nobody wanted. So a sale is bad if its payer
also pays, within the window before it or after it, for so many customers that they are at least
three households. It says of every one of these sales that it is one of them, whoever sold it.

Customers with an equal address are one household, and so are those that a third one connects, who
had both addresses. A customer whose address nobody knows proves nothing, in either direction: where
they could make up what is missing, the sale is excluded.

The source are agents who pay the first premiums of policies that they made up, as in
`clawback_cliff`. A month is looked at: a salary, a bill and a target fall into it. It cannot tell
who a payer is: an employer, a guardian or a charity pays for several, too.
"""

from typing import ClassVar, Final

from detectors.basis.durations import in_words
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.shared_contact import SharedContact, made_with

PAYER: Final = Sharing("payer_hash")

_paid: Final = made_with(payer_hash="payer-1")


class SharedPayer(SharedContact, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``shared_payer``, as `SharedContact` has them."""

    name: ClassVar[PatternName] = PatternName("shared_payer")
    asked: ClassVar[Sharing] = PAYER
    questions: ClassVar[tuple[AnyQuestion, ...]] = (PAYER,)
    contact: ClassVar[str] = "payer"
    unit_phrase: ClassVar[str] = "sales whose payer is known"
    advice: ClassVar[Advice] = Advice(
        next_step="Find out whose card or account it is. Ask two of the customers who paid, and "
        "whether they wanted what was sold. Let somebody ask who did not sell to them.",
        would_clear="A payer who is known to pay for others, and customers who know of it.",
        explanations_unchecked=(
            "An employer who pays for staff, or a company that buys for its branches.",
            "A guardian, or a relative who pays for people who live elsewhere.",
            "A charity or a social office that pays for those it looks after.",
            "A payment service whose account stands for all who pay through it.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "One payer pays for three customers at three addresses.",
            Verdict.BAD,
            (_paid(1), _paid(2, 3), _paid(3, 20)),
        ),
        PatternExample(
            "One of them lives with another: they are two households.",
            Verdict.GOOD,
            (_paid(1), _paid(2, 3), _paid(3, 20, address_hash="address-2")),
            honest="paid for people",
        ),
        PatternExample(
            "The third one bought long after the others.",
            Verdict.GOOD,
            (_paid(1), _paid(2, 3), _paid(3, 40)),
        ),
        PatternExample(
            "Nobody knows where one of them lives.",
            Verdict.EXCLUDED,
            (_paid(1), _paid(2, 3), _paid(3, 20, address_hash=None)),
        ),
        PatternExample("Nobody knows who paid.", Verdict.EXCLUDED, (_paid(1, payer_hash=None),)),
    )

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"paid by somebody who paid for customers of at least {self.customers} households "
            f"within {in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("paid for people who share an address, or shared one in that time",)
