"""Shared e-mail: customers who have nothing to do with each other have one e-mail address.

Whoever makes a customer up, or wants that a real one hears of nothing, gives an address that no
customer reads: the own one, that of the shop, or one that was invented. So a sale is bad if its
e-mail address also stands on sales to others, within the window before it or after it, and they are
at least three households. Households are told apart as in `shared_payer`, by their postal
addresses.

An address that the system itself puts in where none is known stands on the sales of everybody. Then
everybody's rate is high, and nobody stands out; leave the field out instead. It cannot tell whose
the address is: `own_contact` can, where master data is sent.

The source is the order against a bank whose employees gave e-mail addresses that did not exist. A
month is looked at, as in `shared_payer`.
"""

from typing import ClassVar, Final

from detectors.basis.identifiers import PatternName
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.shared_contact import SharedContact, shared_by

EMAIL: Final = Sharing("email_hash")


class SharedEmail(SharedContact, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``shared_email``, as `SharedContact` has them."""

    name: ClassVar[PatternName] = PatternName("shared_email")
    asked: ClassVar[Sharing] = EMAIL
    questions: ClassVar[tuple[AnyQuestion, ...]] = (EMAIL,)
    contact: ClassVar[str] = "e-mail address"
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
    examples: ClassVar[tuple[PatternExample, ...]] = shared_by("e-mail address", "email_hash")
