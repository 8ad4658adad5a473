"""Simulated funding: money came into a new account and went back, and nothing else was done.

An account that must be funded to count is funded for a few days, with money of the customer's other
account or of somebody unknown. Bad is a sale on whose account deposits were paid back to where they
came from, soon and nearly whole, while the customer did nothing else with it. One such sale is a
finding about its account; a rate far above that of peers is one about the agent. One bank counted
1,534,280 suspect deposit accounts (CFPB 2016-CFPB-0015), and looked into staff from the 50th such
funding on (notice of the OCC). Movements whose other side or amount nobody tells exclude. It cannot
tell whose the other account is.
"""

from typing import Annotated, ClassVar, Final

from msgspec import Meta

from detectors.basis.durations import Duration, in_words, seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.events.event import AccountActivity
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.acts import MOVING, USING, acts_within
from detectors.facts.asked.acts import Acts, moved_back
from detectors.facts.questions import USES, AnyQuestion
from detectors.facts.sales import Flags, Sales
from detectors.facts.uses import DOUBTED
from detectors.patterns.advice import Advice
from detectors.patterns.example import PatternExample, sold, used
from detectors.patterns.pattern import SalePattern
from detectors.patterns.verdicts import Verdicts, choose

MOVED: Final = Acts((*MOVING, *USING))

_HONEST: Final = (
    "A customer who tried the account, and closed it.",
    "A promotion that pays for a deposit, and not for what follows.",
    "Use that no source reports, such as standing orders or another channel.",
)
_CLEARS: Final = "The customer's own word that they moved the money, and why."


def _in(days: float, amount: float = 100.0, party: str | None = "old-1") -> AccountActivity:
    return used(days, kind="deposit", amount=amount, counterparty_account_id=party)


def _out(days: float, amount: float = 100.0, party: str | None = "old-1") -> AccountActivity:
    return used(days, kind="withdrawal", amount=amount, counterparty_account_id=party)


class SimulatedFunding(SalePattern, frozen=True, kw_only=True):
    """Settings and verdict of the pattern ``simulated_funding``.

    ``window``: how long after a sale its account is looked at. ``back_within``: how soon the money
    goes back; ``smallest_share``: how much of it, at least.
    """

    name: ClassVar[PatternName] = PatternName("simulated_funding")
    questions: ClassVar[tuple[AnyQuestion, ...]] = (USES, MOVED)
    alerts_on_account: ClassVar[bool] = True
    tells_unknown: ClassVar[bool] = True
    bad_by_absence: ClassVar[bool] = True
    advice: ClassVar[Advice] = Advice(
        next_step="Find out whose the other accounts are. Let somebody who did not sell to them "
        "ask five of these customers who moved the money, and what the account is for.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    account_advice: ClassVar[Advice] = Advice(
        next_step="Find out whose the other account is. Let somebody who did not sell to them ask "
        "the customer who moved the money, and what the account is for.",
        would_clear=_CLEARS,
        explanations_unchecked=_HONEST,
    )
    examples: ClassVar[tuple[PatternExample, ...]] = (
        PatternExample(
            "Money came, and went back after three days.", Verdict.BAD, (sold(), _in(1), _out(4))
        ),
        PatternExample("The customer paid in, and it stayed.", Verdict.GOOD, (sold(), _in(1))),
        PatternExample(
            "It went back, but the customer pays with the account.",
            Verdict.GOOD,
            (sold(), _in(1), _out(4), used(6, kind="payment", amount=12.0)),
            honest="used by the customer",
        ),
        PatternExample(
            "It went to somebody else: the account is in use.",
            Verdict.GOOD,
            (sold(), _in(1), _out(4, party="shop-1")),
        ),
        PatternExample(
            "Nobody knows from where it came.",
            Verdict.EXCLUDED,
            (sold(), _in(1, party=None), _out(4, party=None)),
            honest="funded or emptied",
        ),
    )

    enabled: bool = False
    window: Duration = "30d"
    back_within: Duration = "10d"
    smallest_share: Annotated[float, Meta(gt=0, le=1)] = 0.8

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        return (
            f"funded with money that went back within {in_words(self.back_within)}, and used for "
            f"nothing else within {in_words(self.window)}"
        )

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"."""
        return (
            "used by the customer for anything else",
            "funded or emptied by movements whose other side nobody knows",
        )

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge by what was moved on each account."""
        trips, unclear = sales[MOVED].round_trips(self.smallest_share, seconds_of(self.back_within))
        return choose(unclear & ~trips, ~trips)

    def unknown(self, sales: Sales) -> Flags:
        """Return where money came and went, and nobody knows from where and to where."""
        return sales[MOVED].round_trips(self.smallest_share, seconds_of(self.back_within))[1]

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the sale, and the movements."""
        # The first may be dated a little before the sale, by another clock.
        # What lies further before the sale may be forgotten.
        since = Seconds(sale.at - DOUBTED)
        acts = list(acts_within(account.acts, MOVING, since, end))
        back = moved_back(acts, self.smallest_share, seconds_of(self.back_within))
        return (sale.event_id, *dict.fromkeys(act.event_id for act in back))
