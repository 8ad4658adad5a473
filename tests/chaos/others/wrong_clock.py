"""A clock on the wall that is wrong, for one process and all that it asks.

libfaketime stands between a process and the C library. Time that only grows, by which processes
wait, stays as it is: so it is on a machine whose clock was set.
"""

from pathlib import Path
from typing import Final

DAYS: Final = 60

_LIBRARIES: Final = Path("/usr/lib")


def can_be_wrong() -> bool:
    """Return whether libfaketime is installed, which Debian has as a package."""
    return bool(_found())


def wrong_by(days: int) -> dict[str, str]:
    """Return the environment of a process whose clock is so many days ahead."""
    return {
        "LD_PRELOAD": str(_found()[0]),
        "FAKETIME": f"{days:+d}d",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
        "FAKETIME_NO_CACHE": "1",
    }


def _found() -> list[Path]:
    return sorted(_LIBRARIES.glob("*/faketime/libfaketimeMT.so.1"))
