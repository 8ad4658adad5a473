"""Patterns: what is suspicious. How sure we are is the business of `detectors.evidence`."""

from msgspec import Struct

from detectors.patterns.burst import Burst, BurstPattern
from detectors.patterns.pattern import Pattern, SaleEnding, SalePattern
from detectors.patterns.quick_cancellation import QuickCancellation
from detectors.patterns.unused_account import UnusedAccount

__all__ = ["BurstPattern", "Pattern", "Patterns", "SaleEnding", "SalePattern"]


class Patterns(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The registry: a pattern is one line here, named as in the settings."""

    quick_cancellation: QuickCancellation = QuickCancellation()
    unused_account: UnusedAccount = UnusedAccount()
    burst: Burst = Burst()

    def on_sales(self) -> tuple[SalePattern, ...]:
        """Give the patterns by which the ledger judges sales, in the order of the registry."""
        patterns: tuple[SalePattern, ...] = (self.quick_cancellation, self.unused_account)
        return tuple(pattern for pattern in patterns if pattern.enabled)

    def bursts(self) -> BurstPattern | None:
        """Give the pattern that is derived from outcomes of ``quick_cancellation``, if any."""
        source = self.quick_cancellation
        if not (self.burst.enabled and source.enabled):
            return None
        return BurstPattern(source.window, self.burst.size)

    def enabled(self) -> tuple[Pattern, ...]:
        """Give all patterns the settings ask for, in the order of the registry."""
        bursts = self.bursts()
        return self.on_sales() if bursts is None else (*self.on_sales(), bursts)
