"""Settings of sight: when a source counts as one that cannot be seen."""

from msgspec import Struct

from detectors.basis.durations import Duration


class SightSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When silence is blindness.

    ``silent_after``: how long nothing, or hardly anything, must have come of a kind of event while
    sales went on; in whole days.
    """

    silent_after: Duration = "3d"
