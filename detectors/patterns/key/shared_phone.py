"""Shared phone: customers who have nothing to do with each other have one telephone number.

A number that rings at the agent, at a friend or at nobody lets no one reach the customer, and lets
a call to verify the sale reach the wrong person. So a sale is bad if its number also stands on
sales to others, within the window before it or after it, and they are at least three households.
Households are told apart as in `shared_payer`, by their postal addresses.

A number that the system itself puts in where none is known stands on the sales of everybody. Then
everybody's rate is high, and nobody stands out; leave the field out instead. It cannot tell whose
the number is: the own contacts of agents are in no event.

The source is that of `shared_email`; no figure on telephone numbers has been published. A month is
looked at, as in `shared_payer`.
"""

from typing import ClassVar, Final

from detectors.basis.durations import in_words
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Verdict
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.shared_contact import SharedContact, made_with

PHONE: Final = Sharing("phone_hash")

_sold: Final = made_with(phone_hash="phone-1")


class SharedPhone(SharedContact, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``shared_phone``, as `SharedContact` has them."""

    name: ClassVar[PatternName] = PatternName("shared_phone")
    asked: ClassVar[Sharing] = PHONE
    questions: ClassVar[tuple[AnyQuestion, ...]] = (PHONE,)
    unit_phrase: ClassVar[str] = "sales with a known telephone number"
    advice: ClassVar[Advice] = Advice(
        next_step="Call the number, and see who answers. Then reach two of the customers by "
        "letter or e-mail, and ask whether it is theirs. Let somebody do it who did not sell to "
        "them.",
        would_clear="Customers who can be reached by the number.",
        explanations_unchecked=(
            "A relative or a carer who answers for people who live elsewhere.",
            "The switchboard of a firm, a care home or a hostel with several addresses.",
            "The number of the shop, given by a rule of the firm where customers have none.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Three customers at three addresses have one telephone number.",
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
            "Nobody knows the telephone number.", Verdict.EXCLUDED, (_sold(1, phone_hash=None),)
        ),
    )

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            "sold under one telephone number with customers of at least "
            f"{self.customers} households within {in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("made to people who share a postal address, or shared one in that time",)
