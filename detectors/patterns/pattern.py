"""What a pattern is: a named kind of misconduct with its own outcome, window and version."""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, NamedTuple, Protocol

from msgspec import Meta, Struct

from detectors.basis.durations import Duration
from detectors.basis.event_time import Seconds
from detectors.basis.identifiers import PatternName
from detectors.facts.account import Account, SaleRecord, Verdict

Fact = Literal["cancellations", "uses"]
"""What is known of an account beside its sales: cancellations, and when its customer used it."""


Weight = Annotated[float, Meta(ge=0.001, le=1_000.0)]
"""Of a pattern in the budget; one of half the weight has twice the threshold."""


class SaleEnding(NamedTuple):
    """When a sale ended (seconds of event time), and whether that speaks against its seller."""

    at: Seconds
    bad: bool


class Pattern(Protocol):
    """A pattern, configured: what must be known of it to watch agents and to word alerts.

    A pattern holds its settings and nothing else.
    """

    @property
    def name(self) -> PatternName:
        """The name on the wire, such as ``quick_cancellation``."""

    @property
    def version(self) -> int:
        """Rises whenever the same events may give another verdict."""

    @property
    def enabled(self) -> bool:
        """Whether the settings ask for this pattern."""

    @property
    def window(self) -> str:
        """The duration after which a sale's verdict is due."""

    @property
    def weight(self) -> float:
        """Its share of the budget of false alarms, compared with those of the other patterns."""

    @property
    def unit_phrase(self) -> str:
        """What a matured outcome is about, in the plural: ``sales whose window ended``."""

    @property
    def outcome_phrase(self) -> str:
        """How bad ones read after "of ten ..., three were": ``cancelled within 10 days``."""

    @property
    def counted(self) -> str:
        """What one trial is, in the plural and in a word: ``sales``."""

    @property
    def trials_phrase(self) -> str:
        """A sentence on what is counted; empty where it is sales whose window has passed."""

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Honest explanations that count against nobody, where the events tell of them."""

    def cell_fields(self, cell: Sequence[str]) -> tuple[str, ...]:
        """Return what the names of peer cells are made of, where `cell` are fields of the sale."""

    def peers_phrase(self, cell: Sequence[str]) -> str:
        """Return whom an agent is compared with, where `cell` are fields of the sale."""


class SalePattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pattern that judges sales one by one, and the settings that every one of them has.

    ``verdict`` is a pure function of what is known about the account; the ledger calls it when the
    sale's window has passed and again when a late event changed the account, so it must not depend
    on the order in which facts became known, nor on facts more than the longest window away from
    the sale, which may have been forgotten. The same holds for the other three.

    Attributes
    ----------
    reads
        The facts it reads beside the sale. The ledger keeps no fact that nobody reads, and thins
        one only as far as the windows of its readers allow.
    alerts_on_account
        Whether a bad verdict is hard evidence: an alert of its own about the account.
    bad_by_absence
        Whether a bad verdict says that something did not happen. It is not given on a sale of whose
        window not everything could be seen.
    """

    name: ClassVar[PatternName]
    version: ClassVar[int] = 1
    reads: ClassVar[tuple[Fact, ...]] = ()
    alerts_on_account: ClassVar[bool] = False
    bad_by_absence: ClassVar[bool] = False
    unit_phrase: ClassVar[str] = "sales whose window ended"
    counted: ClassVar[str] = "sales"
    trials_phrase: ClassVar[str] = ""

    enabled: bool = True
    window: Duration
    weight: Weight = 1.0

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

    def verdict(self, account: Account, sale: SaleRecord, since: Seconds, end: Seconds) -> Verdict:
        """Judge one sale whose window ended at time `end`: good, bad or excluded, never pending.

        Its window begins at `since`, a little before the sale, for another source's clock may be
        behind: a fact that names the account alone belongs to the sale from then on.
        """
        raise NotImplementedError

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

    def why(self, account: Account, sale: SaleRecord, since: Seconds, end: Seconds) -> str:
        """Return in a sentence why the verdict on a sale is what it is."""
        verdict = self.verdict(account, sale, since, end)
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


def other_sellers(fields: Sequence[str]) -> str:
    """Return whom an agent is compared with, in cells of some fields."""
    return "all other sellers, by " + " and ".join(fields)
