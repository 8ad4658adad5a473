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

    ``window``: how long after a sale its product may come back at the cost of the commission; none
    switches all of it off. ``kept_reasons``: cancellations for these reasons leave the commission
    as it is. ``smallest_refund_share``: refunds of a smaller share of the amount undo no sale.
    """

    window: Duration | None = None
    kept_reasons: tuple[CancellationReason, ...] = ()
    smallest_refund_share: Annotated[float, Meta(ge=0, le=1)] = 0.5

    def asked(self) -> tuple[SalePattern, ...]:
        """Return what the ledger is asked beside the patterns: nothing while it is off."""
        if self.window is None:
            return ()
        due = CommissionDue(
            window=self.window,
            kept_reasons=self.kept_reasons,
            smallest_refund_share=self.smallest_refund_share,
        )
        return (CommissionMade(), due)

    def effective(self) -> dict[str, Any]:
        """Return what decides something, as a table: nothing while it is off."""
        return {} if self.window is None else structs.asdict(self)

    def needs_window(self, *, is_asked: bool) -> None:
        """Refuse to be off, where somebody asks to be told of commissions.

        Raises
        ------
        InvalidSettings
            No window is given.
        """
        if is_asked and self.window is None:
            raise InvalidSettings(
                "nothing is told of commissions without `commission.window`, which says how long "
                "after a sale its product may come back at the cost of the commission: set it in "
                "the file given with --config"
            )

    def check(self, lateness: Duration, tolerance: Duration, longest: Duration) -> None:
        """Refuse a window that is longer than `longest`, or not longer than the other two.

        Raises
        ------
        InvalidSettings
            The window cannot be obeyed.
        """
        least = max(map(seconds_of, (lateness, tolerance)))
        if self.window is None or least < seconds_of(self.window) <= seconds_of(longest):
            return
        raise InvalidSettings(
            f"`commission.window` = {self.window!r} must be longer than `time.allowed_lateness` = "
            f"{lateness!r} and `time.clock_tolerance` = {tolerance!r}, and at most {longest}"
        )
