"""What must be known of a pattern by whoever judges agents by it, or words alerts."""

from collections.abc import Sequence
from typing import Literal, Protocol

from detectors.basis.identifiers import PatternName
from detectors.patterns.advice import Advice

Severity = Literal["info", "warning", "critical"]
"""What an alert about an agent may be, at most; as in `detectors.alerts.alert`."""


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
    def days_a_year(self) -> float:
        """On how many days a year it judges something of one agent, at most."""

    @property
    def severest(self) -> Severity:
        """What its alerts about agents are at most; *info* for what is a matter for coaching."""

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
    def advice(self) -> Advice:
        """What its alerts say to do first, and what may be honest."""

    @property
    def explanations_checked(self) -> tuple[str, ...]:
        """Honest explanations that count against nobody, where the events tell of them."""

    def cell_fields(self, cell: Sequence[str]) -> tuple[str, ...]:
        """Return what the names of peer cells are made of, where `cell` are fields of the sale."""

    def peers_phrase(self, cell: Sequence[str]) -> str:
        """Return whom an agent is compared with, where `cell` are fields of the sale."""
