"""What a pattern is: a named kind of misconduct with its own outcome, window and version."""

from typing import NamedTuple, Protocol

from detectors.facts.account import Account, SaleRecord, Verdict


class SaleEnding(NamedTuple):
    """When a sale ended (seconds of event time), and whether that speaks against its seller."""

    at: float
    bad: bool


class Pattern(Protocol):
    """A pattern, configured: what must be known of it to watch agents and to word alerts.

    A pattern holds its settings and nothing else.
    """

    @property
    def name(self) -> str:
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
    def unit_phrase(self) -> str:
        """What a matured outcome is about, in the plural: ``sales whose window ended``."""

    @property
    def outcome_phrase(self) -> str:
        """How bad ones read after "of ten ..., three were": ``cancelled within 10 days``."""


class SalePattern(Pattern, Protocol):
    """A pattern that judges sales one by one.

    ``verdict`` is a pure function of what is known about the account; the ledger calls it when the
    sale's window has passed and again when a late event changed the account, so it must not depend
    on the order in which facts became known, nor on facts more than the longest window away from
    the sale, which may have been forgotten. The same holds for ``ending``.
    """

    @property
    def alerts_on_account(self) -> bool:
        """Whether a bad verdict is hard evidence: an alert of its own about the account."""

    @property
    def early(self) -> bool:
        """Whether sales that end are told at the end of that day, for the early tier."""

    def verdict(self, account: Account, sale: SaleRecord, end: float) -> Verdict:
        """Judge one sale whose window ended at time `end`: good, bad or excluded, never pending."""

    def ending(self, account: Account, sale: SaleRecord, end: float) -> SaleEnding | None:
        """Give when a sale whose window ends at `end` ended within it, by what is known so far.

        Not before the sale was made. None if it did not, or if the pattern knows no such moment.
        Facts from later than some moment must not change whether it had ended by then.
        """

    def evidence_events(self, account: Account, sale: SaleRecord, end: float) -> tuple[str, ...]:
        """Give the ids of the events a reader needs to check a bad verdict."""
