"""What a pattern is: a named kind of misconduct with its own outcome, window and version."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar, Final, NamedTuple

import numpy as np
from msgspec import Meta, Struct

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord, Verdict
from detectors.facts.questions import AnyQuestion, NeedsFields, keys_asked
from detectors.facts.sales import Flags, Reals, Sales
from detectors.patterns.advice import ABOUT_ACCOUNTS, ABOUT_AGENTS, Advice
from detectors.patterns.compared import other_sellers
from detectors.patterns.example import PatternExample
from detectors.patterns.judged import Severity
from detectors.patterns.verdicts import Verdicts

Weight = Annotated[float, Meta(ge=0.001, le=1_000.0)]
"""Of a pattern in the budget; one of half the weight has twice the threshold."""


DAYS_A_YEAR: Final = 365.0
"""On how many days a year most patterns may judge something of an agent: on each."""


class SaleEnding(NamedTuple):
    """When a sale ended (seconds of event time), and whether that speaks against its seller."""

    at: Seconds
    bad: bool


class SalePattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pattern that judges sales one by one, and the settings that every one of them has.

    ``verdicts`` is a pure function of what is known about each sale; the ledger calls it for all
    sales whose window has passed and again for one whose account a late event changed. So it must
    not depend on the order in which facts became known, nor on the other sales it is asked about,
    nor on facts more than the longest window away from a sale, which may have been forgotten. The
    same holds for the other three, which are asked about one sale.

    Attributes
    ----------
    questions
        What it asks of a sale. The ledger keeps no fact that nobody asks for, and thins one only as
        far as the windows of those who ask allow. A sale of which a field is unknown that the
        pattern asks for is excluded, and counted as such. At most one of them may look across
        accounts, or at the traffic of the agent, and beside it only fields of the sale, and
        cancellations, may be asked for: the ledger of a key knows no more.
    examples
        Events and the verdict on them, for every reader of docs/patterns.md; each is run.
    example_settings
        Settings that the examples need, beside those of the default.
    alerts_on_account
        Whether a bad verdict is hard evidence: an alert of its own about the account.
    tells_at_once
        Whether that alert does not wait for the end of the window, since what comes later cannot
        change the verdict: see `certain_at`. The rate waits, or bad sales would come before good
        ones.
    severest
        What its alerts about agents are at most. Below *critical*, nothing of it is a discovery
        among others either.
    commends
        Whether few bad outcomes are what agents are commended for.
    tells_unknown
        Whether `unknown` says of sales that a field of another event was missing. They are counted
        as those of which a field of the sale is.
    advice, early_advice, account_advice
        The words for its alerts about an agent, early ones, and those about an account.
    bad_by_absence
        Whether a bad verdict says that something did not happen. It is not given on a sale of whose
        window not everything could be seen.
    good_by_absence
        The same of a good one. Nobody is accused for want of it, so of patterns it is false.
    """

    name: ClassVar[PatternName]
    version: ClassVar[int] = 1
    questions: ClassVar[tuple[AnyQuestion, ...]] = ()
    severest: ClassVar[Severity] = "critical"
    examples: ClassVar[tuple[PatternExample, ...]] = ()
    example_settings: ClassVar[dict[str, Any]] = {}
    alerts_on_account: ClassVar[bool] = False
    tells_at_once: ClassVar[bool] = False
    bad_by_absence: ClassVar[bool] = False
    good_by_absence: ClassVar[bool] = False
    tells_unknown: ClassVar[bool] = False
    commends: ClassVar[bool] = False
    advice: ClassVar[Advice] = ABOUT_AGENTS
    early_advice: ClassVar[Advice] = ABOUT_AGENTS
    account_advice: ClassVar[Advice] = ABOUT_ACCOUNTS
    unit_phrase: ClassVar[str] = "sales whose window ended"
    counted: ClassVar[str] = "sales"
    trials_phrase: ClassVar[str] = ""

    enabled: bool = True
    weight: Weight = 1.0

    @property
    def window(self) -> str:
        """The duration after which a sale is judged: a setting, or ``0s`` for at the sale."""
        raise NotImplementedError

    @property
    def days_a_year(self) -> float:
        """On how many days a year it judges something of one agent, at most."""
        return DAYS_A_YEAR

    @property
    def looks_back(self) -> str:
        """For how long before a sale others count, and traffic, if it looks across accounts."""
        return self.window

    @property
    def others_within(self) -> str:
        """For how long before a sale others are looked at, no longer than it looks back."""
        return self.looks_back

    def due_at(self, at: Seconds) -> Seconds:
        """Return when a sale made `at` a time is judged (seconds): when its window ends.

        Of those that look across accounts it may be earlier, by that time alone. Then sales that
        were made after it do not change the verdict.
        """
        return Seconds(at + seconds_of(self.window))

    @property
    def needed(self) -> tuple[NeedsFields, ...]:
        """The questions that only a field of the sale can answer: without it, it is excluded."""
        return tuple(one for one in self.questions if isinstance(one, NeedsFields))

    @property
    def is_covered(self) -> bool:
        """Whether it is counted of how many sales it knows too little."""
        return self.tells_unknown or bool(self.needed)

    @property
    def key(self) -> str | None:
        """The field by which it looks across accounts; None if it looks at each by itself."""
        return next(iter(keys_asked(self.questions)), None)

    @property
    def outcome_phrase(self) -> str:
        """Read after "were"."""
        raise NotImplementedError

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Read after "sales that were"; the verdict on such a sale is not bad."""
        return ()

    @property
    def early(self) -> bool:
        """Whether sales that end are reported at the end of that day, for the early tier."""
        return False

    def verdicts(self, sales: Sales) -> Verdicts:
        """Judge sales whose windows ended: good, bad or excluded, one verdict a sale.

        A window begins at `sales.since`, a little before the sale, for another source's clock may
        be behind: a fact that names the account alone belongs to the sale from then on.
        """
        raise NotImplementedError

    def certain_at(self, sales: Sales) -> Reals:
        """Return from when on it is certain that each sale is bad, in seconds; else infinite.

        Asked of those that tell at once: finite where the verdict is bad, and nowhere else. Only an
        activity or a cancellation that its questions name can make it so. Not before the sale, nor
        after the end of its window. Facts from later than some moment must not change whether it
        was certain by then.
        """
        return np.full(len(sales), np.inf)

    def unknown(self, sales: Sales) -> Flags:
        """Return which sales cannot be judged, for a field is unknown that the pattern asks."""
        missing = np.zeros(len(sales), dtype=np.bool_)
        for question in self.needed:
            missing |= question.unknown(sales)
        return missing

    def judged(self, sales: Sales) -> Verdicts:
        """Return the verdicts on sales, and exclude those that cannot be judged."""
        verdicts = self.verdicts(sales)
        if self.needed:
            verdicts[self.unknown(sales)] = Verdict.EXCLUDED
        return verdicts

    def verdict(self, sales: Sales) -> Verdict:
        """Return the verdict on the first of some sales."""
        return Verdict(self.judged(sales)[0])

    def ending(self, account: Account, sale: SaleRecord, end: Seconds) -> SaleEnding | None:
        """Return when a sale whose window ends at `end` ended within it, by what is known so far.

        Not before the sale was made. None if it did not, or if the pattern knows no such moment.
        Facts from later than some moment must not change whether it had ended by then.
        """
        del account, sale, end
        return None

    def evidence_events(self, account: Account, sale: SaleRecord, end: Seconds) -> tuple[str, ...]:
        """Return the ids of the events a reader needs to check a bad verdict."""
        del account, end
        return (sale.event_id,)

    def events_across(self, sales: Sales) -> tuple[str, ...]:
        """Return as `evidence_events` the ids for the first of some sales, across accounts."""
        return (sales.rows[0].sale.event_id,)

    def why(self, sales: Sales) -> str:
        """Return in a sentence why the verdict on the first of some sales is what it is."""
        verdict = self.verdict(sales)
        if verdict is Verdict.BAD:
            return f"By these events the account was {self.outcome_phrase}."
        if verdict is Verdict.GOOD:
            return f"By these events the account was not {self.outcome_phrase}."
        return "By these events the sale says nothing about its seller, and is excluded."

    def cell_fields(self, cell: Sequence[str]) -> tuple[str, ...]:
        """Return the fields of the sale."""
        return tuple(cell)

    def peers_phrase(self, cell: Sequence[str]) -> str:
        """Return whom an agent is compared with, in cells of these fields."""
        return other_sellers(cell)
