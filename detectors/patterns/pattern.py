"""What a pattern is: a named kind of misconduct with its own outcome, window and version."""

from typing import Protocol

from detectors.account import Account, SaleRecord, Verdict


class Pattern(Protocol):
    """A pattern, configured.

    A pattern holds its settings and nothing else. ``verdict`` is a pure function of what is known
    about the account; the ledger calls it when the sale's window has passed and again when a late
    event changed the account, so it must not depend on the order in which facts became known, nor
    on facts more than the longest window away from the sale, which may have been forgotten.
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
    def alerts_on_account(self) -> bool:
        """Whether a bad verdict is hard evidence: an alert of its own about the account."""

    @property
    def outcome_phrase(self) -> str:
        """How a bad outcome reads after "sales", such as ``cancelled within 10 days``."""

    def verdict(self, account: Account, sale: SaleRecord, end: float) -> Verdict:
        """Judge one sale whose window ended at time `end`: good, bad or excluded, never pending."""

    def evidence_events(self, account: Account, sale: SaleRecord, end: float) -> tuple[str, ...]:
        """Give the ids of the events a reader needs to check a bad verdict."""
