"""Settings of corrections: what sources may say anew of a sale."""

from msgspec import Struct


class CorrectionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which corrections are believed.

    ``versions``: of the claims about a sale the one of the greatest version holds, whatever came
    first. Whoever may write sales then chooses who made one: so it is off by default.
    """

    versions: bool = False
