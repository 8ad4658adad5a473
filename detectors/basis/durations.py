"""Durations as people write them in settings: a number and a unit, such as ``10d`` or ``1.5h``."""

from typing import Annotated, Final

from msgspec import Meta

Duration = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]+(\.[0-9]+)?[smhd]$",
        description="a number and a unit: s, m, h or d",
        examples=["1h", "10d"],
    ),
]

AUTO: Final = "auto"

DurationOrAuto = Annotated[
    str,
    Meta(
        pattern=r"^(auto|[0-9]+(\.[0-9]+)?[smhd])$",
        description="a number and a unit: s, m, h or d; or auto, which another setting decides",
        examples=[AUTO, "1d"],
    ),
]

_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_WORDS: Final = {"s": "second", "m": "minute", "h": "hour", "d": "day"}


def seconds_of(duration: str) -> float:
    """Return the length of a validated duration in seconds."""
    return float(duration[:-1]) * _SECONDS[duration[-1]]


def in_words(duration: str) -> str:
    """Return a validated duration as it is read aloud, such as ``10 days``."""
    number, unit = duration[:-1], _WORDS[duration[-1]]
    return f"{number} {unit}" if number == "1" else f"{number} {unit}s"
