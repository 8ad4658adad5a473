"""Settings of corrections: what sources may say anew of a sale, or of an account."""

from typing import Any

from msgspec import Struct, structs


class CorrectionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which corrections are believed.

    ``versions``: of the claims about a sale the one of the greatest version holds, whatever came
    first. Whoever may write sales then chooses who made one: so it is off by default.
    ``merges``: of an account that became part of another one, sales are left out whose window
    touches that moment. Whoever may write account activity then clears: so it is off as well.
    ``agents``: of an id of an agent that became part of another one, what matures from the next day
    on counts for that one. Whoever may write account activity then moves charges: so it is off.
    """

    versions: bool = False
    merges: bool = False
    agents: bool = False

    def effective(self) -> dict[str, Any]:
        """Return what decides something about alerts, as a table: what is believed."""
        return {name: True for name, believed in structs.asdict(self).items() if believed}
