"""Shared address: more customers live at one address than are one household.

Letters and cards that are sent to an address of the agent's choice reach no customer. A sale is bad
if more customers than a household has gave its address within the window before it or after it.
That an address is shared by a few proves nothing, and who of them is one household nobody can say;
so the number is larger than that of the patterns `shared_email`, `shared_phone` and `shared_payer`.

It cannot tell a house from a flat where addresses name no door: a block, a hall of residence or a
care home look the same. They are the same for all agents of a region, who are compared with each
other, and the alert names them. An agent who works one such house alone stands out honestly.

The source is the report on a bank in which some eighty accounts were those of a manager's family. A
month is looked at, as in `shared_payer`. Six is a guess at what a large household is.
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import in_words
from detectors.basis.identifiers import PatternName
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.questions import AnyQuestion, Sharing
from detectors.facts.sales import Sales
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.key.shared_contact import SharedContact, made_with
from detectors.patterns.verdicts import Verdicts, choose

AT_ADDRESS: Final = Sharing("address_hash")

_sold: Final = made_with(address_hash="address-1")


class SharedAddress(SharedContact, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``shared_address``.

    ``window`` is as for `SharedContact`; ``customers``: how many must have given the address.
    """

    name: ClassVar[PatternName] = PatternName("shared_address")
    asked: ClassVar[Sharing] = AT_ADDRESS
    questions: ClassVar[tuple[AnyQuestion, ...]] = (AT_ADDRESS,)
    contact: ClassVar[str] = "address"
    unit_phrase: ClassVar[str] = "sales with a known address"
    advice: ClassVar[Advice] = Advice(
        next_step="Look the address up. Then write to two of the customers there, and ask them by "
        "telephone whether they live there. Let somebody ask who did not sell to them.",
        would_clear="A house in which so many customers live.",
        explanations_unchecked=(
            "A block of flats, where the address names no door.",
            "A hall of residence, a care home, a hostel or a camp.",
            "A firm, a barracks or a post office that takes the mail of many.",
            "A stand or a campaign of this agent at that very house.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Six customers live at one address.",
            Verdict.BAD,
            tuple(_sold(number, number - 1) for number in range(1, 7)),
        ),
        PatternExample(
            "Five customers do.",
            Verdict.GOOD,
            tuple(_sold(number, number - 1) for number in range(1, 6)),
            honest="made to one customer",
        ),
        PatternExample(
            "One customer bought six times.",
            Verdict.GOOD,
            tuple(_sold(number, number - 1, customer_id="customer-1") for number in range(1, 7)),
            honest="made to one customer",
        ),
        PatternExample(
            "Nobody knows where the customer lives.",
            Verdict.EXCLUDED,
            (_sold(1, address_hash=None),),
        ),
    )

    customers: Annotated[int, Meta(ge=2, le=100)] = 6

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"sold to one of at least {self.customers} customers at one address within "
            f"{in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ("made to one customer, or to a few at one address",)

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by how many customers gave the address."""
        sharing = sales[self.asked]
        is_few = sharing.customers() < self.customers
        return choose(is_few & ~sharing.whole(), is_few)

    def told_apart_by(self, sale: SaleRecord) -> int:
        """Return the customer."""
        return sale.customer
