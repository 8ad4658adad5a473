"""Settings of commissions: what is told to whoever pays them. Nothing, until a window is given."""

from typing import Annotated, Any

from msgspec import Meta, Struct, structs

from detectors.basis.durations import Duration, seconds_of
from detectors.basis.errors import InvalidSettings
from detectors.events.event import CancellationReason
from detectors.patterns import SalePattern
from detectors.patterns.commission import CommissionDue, CommissionMade


class CommissionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a commission is released, clawed back or held.

    ``window``: how long after a sale its product may come back at the cost of the commission; 0
    switches all of it off. ``kept_reasons``: cancellations for these reasons leave the commission
    as it is. ``smallest_refund_share``: refunds of a smaller share of the amount undo no sale.
    """

    window: Duration = "0d"
    kept_reasons: tuple[CancellationReason, ...] = ()
    smallest_refund_share: Annotated[float, Meta(ge=0, le=1)] = 0.5

    @property
    def is_on(self) -> bool:
        """Whether anything is told."""
        return seconds_of(self.window) > 0.0

    def asked(self) -> tuple[SalePattern, ...]:
        """Return what the ledger is asked beside the patterns: nothing while it is off."""
        if not self.is_on:
            return ()
        due = CommissionDue(
            window=self.window,
            kept_reasons=self.kept_reasons,
            smallest_refund_share=self.smallest_refund_share,
        )
        return (CommissionMade(), due)

    def effective(self) -> dict[str, Any]:
        """Return what decides something, as a table: nothing while it is off."""
        return structs.asdict(self) if self.is_on else {}

    def needs_window(self, *, is_asked: bool) -> None:
        """Refuse to be off, where somebody asks to be told of commissions.

        Raises
        ------
        InvalidSettings
            No window is given.
        """
        if is_asked and not self.is_on:
            raise InvalidSettings(
                "nothing is told of commissions without `commission.window`, which says how long "
                "after a sale its product may come back at the cost of the commission: set it in "
                "the file given with --config"
            )

    def check(self, lateness: Duration, tolerance: Duration) -> None:
        """Refuse a window that is not longer than what events may be late, or too early.

        Raises
        ------
        InvalidSettings
            The window cannot be obeyed.
        """
        least = max(map(seconds_of, (lateness, tolerance)))
        if self.is_on and seconds_of(self.window) <= least:
            raise InvalidSettings(
                f"`commission.window` = {self.window!r} must be longer than "
                f"`time.allowed_lateness` = {lateness!r} and `time.clock_tolerance` = {tolerance!r}"
            )
