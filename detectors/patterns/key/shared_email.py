"""Shared e-mail: customers who have nothing to do with each other have one e-mail address.

Whoever makes a customer up, or wants that a real one hears of nothing, gives an address that no
customer reads: the own one, that of the shop, or one that was invented. So a sale is bad if its
e-mail address also stands on sales to others, within the window before it or after it, and they are
at least three households. Households are told apart as in `shared_payer`, by their postal
addresses.

An address that the system itself puts in where none is known stands on the sales of everybody. Then
everybody's rate is high, and nobody stands out; leave the field out instead. It cannot tell whose
the address is: the own contacts of agents are in no event.

The source is the order against a bank whose employees gave e-mail addresses that did not exist. A
month is looked at, as in `shared_payer`.
"""

from typing import ClassVar, Final

from detectors.basis.durations import in_words
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.shared_contact import SharedContact, made_with

EMAIL: Final = Sharing("email_hash")

_sold: Final = made_with(email_hash="email-1")


class SharedEmail(SharedContact, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``shared_email``, as `SharedContact` has them."""

    name: ClassVar[PatternName] = PatternName("shared_email")
    asked: ClassVar[Sharing] = EMAIL
    questions: ClassVar[tuple[AnyQuestion, ...]] = (EMAIL,)
    unit_phrase: ClassVar[str] = "sales with a known e-mail address"
    advice: ClassVar[Advice] = Advice(
        next_step="Write to the e-mail address, and ask two of the customers by telephone or "
        "letter whether it is theirs. Let somebody ask who did not sell to them.",
        would_clear="Customers who all know the address, and read what is sent there.",
        explanations_unchecked=(
            "A relative or a carer who reads the mail of people who live elsewhere.",
            "A firm that orders for its staff or its branches under one address.",
            "An address that the shop gives where customers have none, by a rule of the firm.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Three customers at three addresses have one e-mail address.",
            Verdict.BAD,
            (_sold(1), _sold(2, 3), _sold(3, 20)),
        ),
        PatternExample(
            "Two of them live together: they are two households.",
            Verdict.GOOD,
            (_sold(1), _sold(2, 3), _sold(3, 20, address_hash="address-2")),
            honest="made to people",
        ),
        PatternExample(
            "Nobody knows where one of them lives.",
            Verdict.EXCLUDED,
            (_sold(1), _sold(2, 3), _sold(3, 20, address_hash=None)),
        ),
        PatternExample(
            "Nobody knows the e-mail address.", Verdict.EXCLUDED, (_sold(1, email_hash=None),)
        ),
    )

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"sold under one e-mail address with customers of at least {self.customers} households "
            f"within {in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("made to people who share a postal address, or shared one in that time",)
