"""What a definition of a pattern is: the verdict from raw events, in plain Python."""

from collections.abc import Callable, Sequence
from operator import add
from typing import Final, NamedTuple

from detectors.events.event import AnyEvent, Sale
from detectors.facts.account import Verdict
from detectors.patterns import SalePattern

Definition = Callable[[Sale, float, Sequence[AnyEvent]], Verdict]
"""The verdict on a sale whose window is so many seconds long, from all events of its account."""

CLOCK_TOLERANCE: Final = 5
"""Hours by which the clock of a source may be behind; not the allowed lateness of these worlds."""


class Across(NamedTuple):
    """A pattern that looks across accounts, and its verdict by definition, from all events."""

    pattern: SalePattern
    verdict: Definition
    due: Callable[[float, float], float] = add
    """When a sale made at a time is judged, whose window is so long (seconds)."""
