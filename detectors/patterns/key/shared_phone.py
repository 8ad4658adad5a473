"""Shared phone: customers who have nothing to do with each other have one telephone number.

A number that rings at the agent, at a friend or at nobody lets no one reach the customer, and lets
a call to verify the sale reach the wrong person. So a sale is bad if its number also stands on
sales to others, within the window before it or after it, and they are at least three households.
Households are told apart as in `shared_payer`, by their postal addresses.

A number that the system itself puts in where none is known stands on the sales of everybody. Then
everybody's rate is high, and nobody stands out; leave the field out instead. It cannot tell whose
the number is: `own_contact` can, where master data is sent.

The source is that of `shared_email`; no figure on telephone numbers has been published. A month is
looked at, as in `shared_payer`.
"""

from typing import ClassVar, Final

from detectors.basis.identifiers import PatternName
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.shared_contact import SharedContact, shared_by

PHONE: Final = Sharing("phone_hash")


class SharedPhone(SharedContact, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``shared_phone``, as `SharedContact` has them."""

    name: ClassVar[PatternName] = PatternName("shared_phone")
    asked: ClassVar[Sharing] = PHONE
    questions: ClassVar[tuple[AnyQuestion, ...]] = (PHONE,)
    contact: ClassVar[str] = "telephone number"
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
    examples: ClassVar[tuple[PatternExample, ...]] = shared_by("telephone number", "phone_hash")
