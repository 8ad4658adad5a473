"""Sales without traffic: more sales than the agent's interactions on record can carry.

Who sells to eight customers a day and spoke with three made five of them up, or booked what others
sold. A sale is bad if the agent sold to more customers within a week before it, it among them, than
they had interactions in that time: each may carry so many customers as is set. A sale that names an
interaction needs no other one, and is good. It says so of every sale that makes the number too
large, whichever of them was made up.

Only where traffic is certainly seen: a sale is excluded, neither good nor bad, unless interactions
of this agent are on record all through that week and until the window ends, with no longer silence
than is set, and one of them after the sale. So a feed that stops for days, a new agent, and one
back from a holiday say nothing; nor do few customers, where they are too many for the interactions;
nor an agent whose days hold more than one person can do. A week is looked at, and no day, for what
was agreed on Monday is booked on Tuesday. A feed that loses most of a site's interactions for a
week, day by day, is not seen as one: look whether all of the site stand out.

It believes the record: whoever calls their own telephone has traffic. It looks at no hour of the
day, which `off_hours` does. Sales without a known customer are not counted.

The source is the Wells Fargo report of 2017: eight accounts a day were expected of bankers whom
some fifteen people visited on their best day. That every customer who came bought once is more than
any honest agent achieves.
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import AccountId, PatternName
from detectors.events.event import Sale
from detectors.facts.account import SaleRecord, Verdict
from detectors.facts.beside import Beside
from detectors.facts.contact import AGENT, INTERACTION
from detectors.facts.questions import INTERACTIONS, AnyQuestion, SaleValue, Sharing
from detectors.facts.sales import Sales
from detectors.facts.traffic.touches import Touches
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, met, sold
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts

CALL: Final = SaleValue(INTERACTION)
OTHERS: Final = Sharing(AGENT)

_MOST_SHOWN: Final = 5
"""Events named for a bad sale, its own among them."""


def _sold(number: int, days: float = 0.0, **fields: str | None) -> Sale:
    """Return one of several sales to several customers; that of day 0 is judged."""
    own = {
        "event_id": f"e-sold-{number}",
        "sale_id": f"sale-{number}",
        "account_id": AccountId(f"account-{number}"),
        "customer_id": f"customer-{number}",
    }
    return sold(days, **(own | fields))


_SOLD: Final = (
    _sold(6),
    _sold(5, -1),
    _sold(4, -1.1),
    _sold(3, -2),
    _sold(2, -3),
    _sold(1, -4),
)
_MET: Final = (met(-6), met(-3), met(-1.5))
_MET_MORE: Final = tuple(met(day) for day in (-5.2, -4.2, -2.2, -1.2, -0.5, -0.1))
_AFTER: Final = met(1)


class SalesWithoutTraffic(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``sales_without_traffic``.

    ``within``: how long before a sale others, and interactions, count. ``customers_each``: how many
    customers one interaction carries. ``fewest``: of fewer customers nothing is told where they are
    too many. ``longest_silence``: days in a row of that time without any interaction of the agent,
    beyond which nobody can tell whether they are recorded. ``window``: how long after a sale it is
    judged; the next interaction must come within it.
    """

    name: ClassVar[PatternName] = PatternName("sales_without_traffic")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (INTERACTIONS, OTHERS, CALL)
    unit_phrase: ClassVar[str] = "sales of agents whose interactions are on record"
    advice: ClassVar[Advice] = Advice(
        next_step="Lay the sales of one such week beside its calls and visits. Ask two "
        "customers whom no interaction names how they came to buy.",
        would_clear="A source of customers that the record leaves out, such as orders by mail.",
        explanations_unchecked=(
            "Work that is passed on: this agent books what others sold, or what came by mail.",
            "One visit of many: a family, a club, the staff of a firm.",
            "A channel that records no interaction for this agent, such as a stand or a mailbox.",
            "A second login of the agent, under which their calls are recorded.",
        ),
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Six customers bought in a week in which the agent spoke with three.",
            Verdict.BAD,
            (*_SOLD, *_MET, _AFTER),
        ),
        PatternExample(
            "The agent had spoken with nine.",
            Verdict.GOOD,
            (*_SOLD, *_MET, *_MET_MORE, _AFTER),
        ),
        PatternExample(
            "The sale names its call.",
            Verdict.GOOD,
            (_sold(6, interaction_id="call-1"), *_SOLD[1:], *_MET, _AFTER),
            honest="made in an interaction",
        ),
        PatternExample(
            "Three others name their calls, and with that three are left.",
            Verdict.GOOD,
            (
                *_SOLD[:3],
                _sold(3, -2, interaction_id="call-3"),
                _sold(2, -3, interaction_id="call-2"),
                _sold(1, -4, interaction_id="call-1"),
                *_MET,
                _AFTER,
            ),
        ),
        PatternExample(
            "Four customers of three interactions say nothing.",
            Verdict.EXCLUDED,
            (*_SOLD[:4], *_MET, _AFTER),
            honest="among those to fewer",
        ),
        PatternExample(
            "Nothing was recorded.",
            Verdict.EXCLUDED,
            (*_SOLD, _AFTER),
            honest="made by an agent whose interactions",
        ),
        PatternExample("Nothing was recorded after it.", Verdict.EXCLUDED, (*_SOLD, *_MET)),
        PatternExample(
            "The agent's interactions came only since the day before.",
            Verdict.EXCLUDED,
            (*_SOLD, met(-1.2), met(-0.1), _AFTER),
        ),
    )

    enabled: bool = False
    window: Duration = "3d"
    within: Duration = "7d"
    customers_each: Annotated[int, Meta(ge=1, le=100)] = 1
    fewest: Annotated[int, Meta(ge=1, le=1_000)] = 5
    longest_silence: Annotated[int, Meta(ge=1, le=365)] = 3

    @property
    def looks_back(self) -> str:
        """For how long before a sale others count, and traffic."""
        return self.within

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"made to more customers within {in_words(self.within)} than the agent's interactions "
            "of that time can carry"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return (
            "made in an interaction that the sale names",
            f"among those to fewer than {self.fewest} customers",
            "made by an agent whose interactions are not on record all that time, and after it",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by how many customers the agent sold to, and how many interactions they had."""
        return sales[OTHERS].judged(self._judge)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return the sale, and the last others that need an interaction."""
        beside = sales[OTHERS].first()
        others = [one for one in self._unnamed(beside) if one is not beside.sale]
        shown = others[-(_MOST_SHOWN - 1) :]
        return (beside.sale.event_id, *(one.event_id for one in shown))

    def _judge(self, beside: Beside) -> Verdict:
        touches, sale = beside.sold.touches, beside.sale
        since = sale.at - seconds_of(self.within)
        if touches is None or not self._is_seen(touches, since, sale.at, beside.end):
            return Verdict.EXCLUDED
        if CALL.of(sale):
            return Verdict.GOOD
        carried = touches.interactions(since, beside.reached) * self.customers_each
        customers = len({one.customer for one in self._unnamed(beside)})
        if customers <= carried:
            return Verdict.GOOD if beside.is_whole else Verdict.EXCLUDED
        return Verdict.BAD if customers >= self.fewest else Verdict.EXCLUDED

    def _is_seen(self, touches: Touches, since: float, at: Seconds, end: Seconds) -> bool:
        """Return whether the agent's interactions come, before a sale and after it."""
        return (
            touches.interactions(at, end) > 0
            and touches.longest_silence(since, end) <= self.longest_silence
            and touches.is_whole(since, end)
        )

    def _unnamed(self, beside: Beside) -> list[SaleRecord]:
        """Return the sales of that time that name no interaction, in the order of time."""
        since = beside.sale.at - seconds_of(self.within)
        made = [one.sale for one in beside.all() if since <= one.sale.at <= beside.sale.at]
        return sorted((one for one in made if not CALL.of(one)), key=_time_and_id)


def _time_and_id(sale: SaleRecord) -> tuple[float, str]:
    return (sale.at, sale.event_id)
