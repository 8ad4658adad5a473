"""What a detector claims to see: the change that the laws plant for it."""

from msgspec import Struct

DAY = 86_400.0


class Levels(Struct, frozen=True):
    """Independent normal numbers, one of each mean and standard deviation."""

    means: tuple[float, ...]
    deviations: tuple[float, ...]


class Claim(Struct, frozen=True, kw_only=True):
    """How ordinary observations look, and which change of them is seen how soon.

    Attributes
    ----------
    ordinary
        What the detector is to find ordinary. Its width is the width of every observation.
    changed
        What the detector claims to tell from `ordinary`.
    ready_after
        Ordinary observations after which it is ready, at the latest.
    seen_within
        Changed observations among which one is found strange, at the latest.
    every
        Seconds of event time between observations.

    """

    ordinary: Levels
    changed: Levels
    ready_after: int
    seen_within: int
    every: float = DAY
