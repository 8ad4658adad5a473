"""Own contact: customers who are strangers to each other have a contact of the agent's own.

Whoever makes a customer up, or wants that a real one hears of nothing, gives their own e-mail
address or telephone number, has the cards sent home, or pays. So a sale is bad if it bears a
contact that the master data calls its agent's own (e-mail address, telephone number, postal address
or payer), and if such sales of this agent, within the window before it or after it, are to at least
three households, or to at least six customers. Households are told apart as in `shared_payer`, by
their postal addresses; that is why customers count as well: all whose cards went to the agent's own
address would be one household.

Who buys for themselves is one customer, and who sells to their family one household, or two. Such
sales are good. A sale is compared only if it bears a contact in a field in which one of its agent's
own is known; all others are excluded, and so are those of agents of whom no master data was read.
Since when a contact is the agent's nobody says: it counts from the moment at which it is told, for
all sales that can still be corrected.

It looks at no contact of a colleague: `shared_email` and the like see one that is given again and
again, whosever it is. It believes the master data.

The source is the report on a bank in which some eighty accounts were those of a manager's family:
24, 18, 21, 14 and 4 under one name each. A month is looked at, as in `shared_payer`; three
households and six customers are those of `shared_email` and `shared_address`.
"""

from typing import Annotated, ClassVar, Final

import numpy as np
from msgspec import Meta

from detectors.basis.durations import Duration, in_words
from detectors.basis.identifiers import PatternName
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.contact import ADDRESS, AGENT, known
from detectors.facts.households import Households, Member
from detectors.facts.questions import OWN_CONTACTS, AnyQuestion, SaleValue, Sharing
from detectors.facts.sales import Sales, Sold
from detectors.facts.staff.record import OWN_FIELDS
from detectors.facts.staff.staff import Staff
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample
from detectors.patterns.example import known as told
from detectors.patterns.key.one_customer import MOST_SHOWN
from detectors.patterns.key.shared_contact import made_with
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

OTHERS: Final = Sharing(AGENT)
_VALUES: Final = tuple(SaleValue(field) for field in OWN_FIELDS)

_sold: Final = made_with(email_hash="email-1")
_other: Final = made_with()
_TOLD: Final = told(-100, email_hash="email-1", address_hash="address-1")


class OwnContact(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``own_contact``.

    ``window``: within how long before and after a sale others with a contact of the agent's own
    count; a sale is judged when so much time has passed. ``households``, ``customers``: to so many
    of either these sales must be.
    """

    name: ClassVar[PatternName] = PatternName("own_contact")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (OWN_CONTACTS, OTHERS, *_VALUES)
    unit_phrase: ClassVar[str] = "sales that bear a contact of a kind of which the agent's is known"
    advice: ClassVar[Advice] = Advice(
        next_step="Ask three of these customers, by a contact from elsewhere, whether they know of "
        "what was sold, and by which address they hear of it. Let somebody ask who did not sell "
        "to them.",
        would_clear="Customers who know of what was sold to them, and why the contact is there.",
        explanations_unchecked=(
            "A family or friends of the agent who live in several places, and who asked them.",
            "A contact at work that master data calls the agent's own: a desk, a shop, a mailbox.",
            "An address that the agent gives where customers have none, by a rule of the firm.",
            "A former address or number of the agent, which others have now.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Three customers at three addresses have the agent's own e-mail address.",
            Verdict.BAD,
            (_sold(2), _sold(3, -3), _sold(4, 20), _TOLD),
        ),
        PatternExample(
            "The cards of six customers went to the agent's own address.",
            Verdict.BAD,
            (
                *(_other(number, number - 2, address_hash="address-1") for number in range(2, 8)),
                _TOLD,
            ),
        ),
        PatternExample(
            "The agent bought it for themselves.",
            Verdict.GOOD,
            (_sold(2, address_hash="address-1"), _other(3, -3), _other(4, 20), _TOLD),
            honest="made to one customer",
        ),
        PatternExample(
            "Three are of the agent's household.",
            Verdict.GOOD,
            (*(_sold(number, number - 2, address_hash="address-1") for number in (2, 3, 4)), _TOLD),
            honest="made to one customer",
        ),
        PatternExample(
            "The customer has an e-mail address of their own.",
            Verdict.GOOD,
            (_other(2, email_hash="email-2"), _sold(3, -3), _sold(4, 10), _sold(5, 20), _TOLD),
        ),
        PatternExample(
            "Nobody knows where one of the three lives.",
            Verdict.EXCLUDED,
            (_sold(2), _sold(3, -3), _sold(4, 20, address_hash=None), _TOLD),
        ),
        PatternExample(
            "Master data of this agent was not read.",
            Verdict.EXCLUDED,
            (_sold(2), _sold(3, -3), _sold(4, 20)),
            honest="made by an agent",
        ),
    )

    enabled: bool = False
    window: Duration = "30d"
    households: Annotated[int, Meta(ge=2, le=100)] = 3
    customers: Annotated[int, Meta(ge=2, le=100)] = 6

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            "made under a contact of the agent's own, as were sales to at least "
            f"{self.households} households or {self.customers} customers within "
            f"{in_words(self.window)} before or after"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return (
            "made to one customer or to a few under such a contact: to the agent, or to a family",
            "made by an agent of whose own contacts no master data was read",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by to how many customers the agent sold under contacts of their own."""
        own, compared = sales[OWN_CONTACTS].borne(), sales[OWN_CONTACTS].comparable()
        named = np.array([row.sale.customer > 0 for row in sales.rows], dtype=np.bool_)
        is_whole = sales[OTHERS].whole()
        many, doubtful = np.zeros(len(sales), dtype=np.bool_), ~(compared & named)
        for place in np.flatnonzero(own & named).tolist():
            many[place], is_unclear = self._counted(sales.rows[place], whole=bool(is_whole[place]))
            doubtful[place] |= is_unclear
        return choose(doubtful, ~many)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and the first one to each other customer under such a contact."""
        sale = sales.rows[0].sale
        others = {sale.customer: sale}
        for other in sorted(_alike(sales.rows[0]), key=_time_and_id):
            others.setdefault(other.customer, other)
        shown = [one.event_id for one in others.values() if one is not sale]
        return (sale.event_id, *shown[: MOST_SHOWN - 1])

    def _counted(self, sold: Sold, *, whole: bool) -> tuple[bool, bool]:
        """Return whether such sales of the agent are to many, and whether nobody can tell."""
        members = Households(frozenset(map(_member, _alike(sold))))
        if members.known() >= self.households or members.customers() >= self.customers:
            return True, False
        return False, not whole or members.at_most() >= self.households


def _member(sale: SaleRecord) -> Member:
    return Member(sale.customer, known(sale.contact, ADDRESS))


def _time_and_id(sale: SaleRecord) -> tuple[float, str]:
    return (sale.at, sale.event_id)


def _alike(sold: Sold) -> list[SaleRecord]:
    """Return the sales beside one, it among them, that bear such a contact, too."""
    staff = Staff() if sold.staff is None else sold.staff
    made = [one.sale for one in sold.sharing]
    return [one for one in made if one.customer and staff.owns(one.contact)]
