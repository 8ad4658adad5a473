"""Access without contact: a customer's data was looked up, nobody spoke with them, and a sale came.

Who opens the record of a customer whom they have nothing to do with, or asks for their credit file,
has what it takes to sign them up. A sale is judged if its agent had looked at data of the customer
within so many days before it. It is good if the agent had an interaction with the customer on
record, before the sale within the time that is set; if the sale names an interaction, whoever's;
and bad if neither is known. All other sales are excluded: nobody looked anything up.

That an interaction is absent says something only where it would have been seen. So a sale is
excluded, neither good nor bad, unless interactions of this agent are on record all through that
time, with no longer silence than is set; unless on some day of it a customer was both met and
looked up, for two systems may spell the ids of customers in two ways; where an interaction names no
customer, who may have been this one; and where the agent's days hold more than one person can do.
An agent of a site that records none, a new one, and one back from a long holiday are judged by
nothing here.

An access that names its interaction counts as one. What a colleague spoke about with the customer
is seen if the sale names it. It believes the record: an interaction that was made up clears. It
looks at no access after the sale, for whoever books one opens a record.

The sources are the actions against American banks whose employees used credit files of customers to
open accounts that these had not asked for, under pressure to sell (CFPB, 2022 and 2023). A week is
the time in which whoever looks somebody up makes use of it; a month, that in which whoever spoke
with a customer hears from them.
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import AnyEvent
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.contact import INTERACTION
from detectors.facts.questions import TRAFFIC, AnyQuestion, SaleValue
from detectors.facts.sales import Sales
from detectors.facts.traffic.touches import Touches
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, looked_up, met, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts

CALL: Final = SaleValue(INTERACTION)

_MOST_SHOWN: Final = 4
"""Accesses named for a bad sale."""


_EVERY_WEEK: Final = (-28, -22, -16, -10, -4)


def _other(day: float) -> dict[str, str]:
    return {"customer_id": f"customer-{-day:g}", "account_id": f"account-{-day:g}"}


def _others(*days: float) -> tuple[AnyEvent, ...]:
    """Return interactions of the agent with others, the first of whom they looked up as well."""
    days = days or _EVERY_WEEK
    return (looked_up(days[0], **_other(days[0])), *(met(day, **_other(day)) for day in days))


class AccessWithoutContact(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``access_without_contact``.

    ``within``: how long before a sale an access counts. ``contact_within``: how long before it an
    interaction does. ``longest_silence``: days in a row, of that time, without any interaction of
    the agent, beyond which nobody can tell whether their interactions are recorded. ``window``: how
    long after a sale it is judged.
    """

    name: ClassVar[PatternName] = PatternName("access_without_contact")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (TRAFFIC, CALL)
    unit_phrase: ClassVar[str] = "sales to customers whose data the agent had looked up"
    advice: ClassVar[Advice] = Advice(
        next_step="Ask three of these customers, by somebody else, whether they spoke with the "
        "agent and wanted what was sold. Ask what the data was looked up for.",
        would_clear="Recordings, letters or visits with these customers from before the sales.",
        explanations_unchecked=(
            "Work that is passed on: a colleague spoke with the customer, this agent books it.",
            "A channel that records no interaction for this agent, such as a stand or a mailbox.",
            "A task to look customers up, such as a campaign, a credit check or a correction.",
            "A second login of the agent, under which their calls are recorded.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "The agent looked the customer up two days before, and nobody spoke with them.",
            Verdict.BAD,
            (sold(), looked_up(-2), *_others()),
        ),
        PatternExample(
            "They had spoken two weeks before.",
            Verdict.GOOD,
            (sold(), looked_up(-2), met(-14), *_others()),
            honest="made after an interaction",
        ),
        PatternExample(
            "The sale names the call, be it a colleague's.",
            Verdict.GOOD,
            (sold(interaction_id="call-1"), looked_up(-2), *_others()),
            honest="made after an interaction",
        ),
        PatternExample(
            "The record was opened in a call.",
            Verdict.EXCLUDED,
            (sold(), looked_up(-2, interaction_id="call-1"), *_others()),
            honest="made after an access",
        ),
        PatternExample("Nobody looked anything up.", Verdict.EXCLUDED, (sold(), *_others())),
        PatternExample(
            "No interactions of this agent are on record.",
            Verdict.EXCLUDED,
            (sold(), looked_up(-2)),
            honest="made by an agent",
        ),
        PatternExample(
            "They stopped to come ten days before.",
            Verdict.EXCLUDED,
            (sold(), looked_up(-2), *_others(-28, -22, -16, -10)),
            honest="made by an agent",
        ),
        PatternExample(
            "Calls and records have other ids for the same customers.",
            Verdict.EXCLUDED,
            (sold(), looked_up(-2), *_others()[1:]),
            honest="made where no customer",
        ),
        PatternExample(
            "The agent spoke with somebody, and nobody knows with whom.",
            Verdict.EXCLUDED,
            (sold(), looked_up(-2), met(-3, customer_id=None), *_others()),
            honest="made while the agent",
        ),
    )

    enabled: bool = False
    window: Duration = "1d"
    within: Duration = "7d"
    contact_within: Duration = "30d"
    longest_silence: Annotated[int, Meta(ge=1, le=365)] = 7

    @property
    def looks_back(self) -> str:
        """For how long before a sale traffic counts."""
        return max(self.within, self.contact_within, key=seconds_of)

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            "made without the record of an interaction with the customer within "
            f"{in_words(self.contact_within)} before"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return (
            "made after an interaction with the customer on record, or in one that the sale names",
            "made by an agent whose interactions are not on record all through that time",
            "made where no customer whom the agent met has the id of one whom they looked up",
            "made while the agent spoke with a customer whom the record does not name",
            "made after an access that names its interaction",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what the agent had to do with the customer before."""
        return sales[TRAFFIC].judged(self._judge)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and the last accesses before it."""
        sold = sales.rows[0]
        touches = Touches() if sold.touches is None else sold.touches
        shown = self._accesses(sold.sale, touches)[-_MOST_SHOWN:]
        return (sold.sale.event_id, *shown)

    def _judge(self, sale: SaleRecord, touches: Touches, reached: Seconds) -> Verdict:
        if not self._accesses(sale, touches):
            return Verdict.EXCLUDED
        since = sale.at - seconds_of(self.contact_within)
        is_seen = (
            touches.longest_silence(since, reached) <= self.longest_silence
            and touches.names_alike(since, reached)
            and not touches.met_somebody(since, reached)
            and touches.is_whole(since, reached)
        )
        if not is_seen:
            # Nor is it good: whoever cannot be seen would lower what is expected of the others.
            return Verdict.EXCLUDED
        is_met = CALL.of(sale) or touches.met(sale.customer, since, reached)
        return Verdict.GOOD if is_met else Verdict.BAD

    def _accesses(self, sale: SaleRecord, touches: Touches) -> tuple[str, ...]:
        since = sale.at - seconds_of(self.within)
        return tuple(one.event_id for one in touches.accesses(sale.customer, since, sale.at))
