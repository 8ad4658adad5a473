"""How long around a sale a pattern asks what happened, and what must have been seen of that."""

from detectors.basis.durations import seconds_of
from detectors.patterns.pattern import SalePattern


def reach_of(pattern: SalePattern) -> float:
    """Return for how many seconds after a sale a pattern may ask what became of it.

    One that looks across accounts asks what became of the earlier ones.
    """
    window = seconds_of(pattern.window)
    return window if pattern.key is None else max(window, seconds_of(pattern.looks_back))


def seen_for(pattern: SalePattern) -> float:
    """Return how many seconds must have been seen, until a window ends, for a verdict to hold."""
    window = seconds_of(pattern.window)
    return window if pattern.key is None else window + seconds_of(pattern.looks_back)
