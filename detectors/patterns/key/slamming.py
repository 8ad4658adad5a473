"""Slamming: a customer was moved from what they had by an agent who never had to do with them.

The customer of one agent is signed over to another, who books the sale, from a list or a record and
without a word with the customer. A sale is judged if it takes the place of something that another
agent had sold the customer: it names it as replaced, or it is the same product, and the old one had
not been cancelled before. It is good if its agent had sold to the customer before, or the record of
an interaction belongs to it; and bad if neither is known. All other sales are excluded: they move
nobody.

Where no sale to the customer names an interaction, nobody records them there, and their absence
says nothing: the sale is excluded.

It cannot see customers whose earlier sales lie before the time that is looked at, and it believes
the record of an interaction: whoever makes one up is a matter for other patterns. In a channel that
records none every move looks like this, of everybody: nobody stands out there.

The source is the rule of the American health insurance market that blocks an agent who is not
linked to the customer, unless the customer is on the call as well. Three months are looked at:
longer makes every ledger remember more.
"""

from collections.abc import Iterator
from typing import ClassVar, Final

from detectors.basis.durations import Duration, in_words
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import Sale
from detectors.facts.account import Verdict
from detectors.facts.beside import Beside
from detectors.facts.contact import INTERACTION
from detectors.facts.questions import CANCELLATIONS, AnyQuestion, SaleValue
from detectors.facts.sales import Sales, Sold
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold
from detectors.patterns.key.ended import had_ended
from detectors.patterns.key.one_customer import (
    CUSTOMER,
    EarlierOfCustomer,
    cancelled_on,
    is_of_agent,
    sold_on,
)

CALL: Final = SaleValue(INTERACTION)


def _had(number: int = 0, days: float = -40, **fields: str | None) -> Sale:
    """Return what the customer had: sold by another agent, on another account."""
    usual = {"agent_id": "agent-2", "interaction_id": "call-0"}
    return sold_on(f"had-{number}", days, **(usual | fields))


class Slamming(EarlierOfCustomer, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``slamming``.

    ``within``: how long before a sale the customer's earlier ones count. ``window``: how long after
    it the sale is judged.
    """

    name: ClassVar[PatternName] = PatternName("slamming")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (CUSTOMER, CALL, CANCELLATIONS)
    unit_phrase: ClassVar[str] = "sales that took the place of what another agent had sold"
    advice: ClassVar[Advice] = Advice(
        next_step="Call back three of these customers, by neither of the two agents. Do they know "
        "that they were moved, and who spoke with them?",
        would_clear="Recordings or letters in which the customers ask for the change.",
        explanations_unchecked=(
            "Customers of somebody who left, whom this agent was given.",
            "A channel that records no interaction, such as a stand or a door.",
            "A move of all customers to a new tariff, booked under one name.",
            "Another system for the calls of this agent than for those of the others.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The agent sold the card anew that another one had sold, and no contact is on record.",
            Verdict.BAD,
            (sold(), _had()),
        ),
        PatternExample(
            "There is the record of a call.",
            Verdict.GOOD,
            (sold(interaction_id="call-1"), _had()),
            honest="made in an interaction",
        ),
        PatternExample(
            "The agent had sold to this customer before.",
            Verdict.GOOD,
            (sold(), _had(), _had(1, -9, agent_id="agent-1", product="loan")),
            honest="made in an interaction",
        ),
        PatternExample(
            "Nobody records calls there.",
            Verdict.EXCLUDED,
            (sold(), _had(interaction_id=None)),
            honest="made where no interaction",
        ),
        PatternExample(
            "The customer had left before.",
            Verdict.EXCLUDED,
            (
                sold(),
                _had(),
                cancelled_on("had-0", -10),
            ),
            honest="made after the customer",
        ),
    )

    within: Duration = "90d"

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            "without the record of an interaction, and the agent had sold the customer nothing "
            f"within {in_words(self.within)} before"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return (
            "made in an interaction on record, or by an agent who had sold to the customer before",
            "made after the customer had left what another agent sold",
            "made where no interaction with the customer is on record at all",
        )

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and those in whose place it was made."""
        beside = sales[CUSTOMER].first()
        return (beside.sale.event_id, *(old.sale.event_id for old in _of_others(beside)))

    def judge(self, beside: Beside) -> Verdict:
        """Return the verdict on one sale."""
        sale = beside.sale
        if sale.agent_id is None or not any(True for _ in _of_others(beside)):
            return Verdict.EXCLUDED
        if CALL.of(sale) or any(is_of_agent(one.sale, sale) for one in beside.earlier()):
            return Verdict.GOOD
        is_recorded = any(CALL.of(one.sale) for one in beside.earlier())
        return Verdict.BAD if is_recorded and beside.is_whole else Verdict.EXCLUDED


def _of_others(beside: Beside) -> Iterator[Sold]:
    """Yield what other agents had sold the customer, and the sale takes the place of."""
    sale = beside.sale
    for old in beside.earlier():
        one = old.sale
        if one.agent_id is None or one.agent_id == sale.agent_id:
            continue
        if sale.replaces != one.sale_id and one.product != sale.product:
            continue
        if not had_ended(old, Seconds(sale.at - beside.forgiven)):
            yield old
