"""Patterns: what is suspicious. How sure we are is the business of `detectors.evidence`."""

from msgspec import Struct, structs

from detectors.patterns.pattern import Pattern
from detectors.patterns.quick_cancellation import QuickCancellation
from detectors.patterns.unused_account import UnusedAccount

__all__ = ["Pattern", "Patterns"]


class Patterns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The registry: a pattern is one line here, named as in the settings."""

    quick_cancellation: QuickCancellation = QuickCancellation()
    unused_account: UnusedAccount = UnusedAccount()

    def enabled(self) -> tuple[Pattern, ...]:
        """Give the patterns the settings ask for, in the order of the registry."""
        patterns: tuple[Pattern, ...] = tuple(structs.astuple(self))
        return tuple(pattern for pattern in patterns if pattern.enabled)
