"""Settings of how event time passes."""

from typing import Any, Final

from msgspec import Struct, structs

from detectors.basis.durations import AUTO, Duration, DurationOrAuto, seconds_of
from detectors.facts.uses import DOUBTED

AHEAD_OF_ARRIVAL: Final = "1h"


class TimeSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How event time passes.

    ``allowed_lateness``: how far behind the newest event an event may arrive without changing
    anything. ``corrections_for``: how far behind the watermark it may arrive and still correct an
    outcome; later ones are refused as ``too_late``, but for a use or cancellation of a sale whose
    own window ended within that time, or is open. ``largest_jump``: how far ahead of all others
    an event of a source that has told of few accounts may be and still move the clock alone
    (`detectors.ledger.clock`). ``ahead_of_arrival``: how far an event may lie after the moment at
    which the broker says its record arrived; later ones are refused as ``impossible_time``. Files
    know of no arrival. ``clock_tolerance``: how far the clocks of two sources may disagree, the
    allowed lateness if it is ``auto``: see `forgiven`.
    """

    allowed_lateness: Duration = "1h"
    corrections_for: Duration = "7d"
    largest_jump: Duration = "7d"
    ahead_of_arrival: Duration = AHEAD_OF_ARRIVAL
    clock_tolerance: DurationOrAuto = AUTO

    @property
    def tolerance(self) -> Duration:
        """How far the clocks of two sources may disagree, whether it was set or not."""
        return self.allowed_lateness if self.clock_tolerance == AUTO else self.clock_tolerance

    @property
    def forgiven(self) -> float:
        """How many seconds before its sale another source may date what came after it.

        Of a fact that names the account alone: only its time says which sale it belongs to. One
        that names the sale needs no clock for that.
        """
        return seconds_of(self.tolerance)

    @property
    def doubted(self) -> float:
        """How many seconds before its sale a use may lie of which nobody can tell whose it was.

        A use before `forgiven` is none of the sale. But one within a day before it may have come
        after it, by a source that sends dates: it accuses nobody, and clears nobody.
        """
        return max(self.forgiven, DOUBTED)

    def effective(self) -> dict[str, Any]:
        """Return what decides something about alerts, as a table."""
        table: dict[str, Any] = structs.asdict(self) | {"clock_tolerance": self.tolerance}
        if self.ahead_of_arrival == AHEAD_OF_ARRIVAL:
            del table["ahead_of_arrival"]  # as it was before there was a choice
        return table
