"""In which order the files of tests run: those that wait are spread among those that compute.

Several processes are given the files one by one, in this order. A file that starts brokers and
workers waits for a good part of its time, and in between needs more than one core. So as few of
them as possible should run beside each other; and none should begin when nothing else is left.
"""

from collections.abc import Sequence
from typing import Final

WAITING: Final = (
    "tests/browser/test_walk.py",
    "tests/chaos/",
    "tests/install/",
    "tests/integration/",
    "tests/test_readme.py",
)
"""How the files begin that wait, or take a minute."""

UNTIL: Final = 0.75
"""The share of all other files after which none of them begins."""


def in_turns(files: Sequence[str]) -> list[str]:
    """Return the same files, those that wait evenly spread among the others, before the last ones.

    The order among those that wait stays, and so does that among the others.
    """
    waiting = [file for file in files if file.startswith(WAITING)]
    others = [file for file in files if not file.startswith(WAITING)]
    places = [
        *((number * UNTIL / len(waiting), 0, file) for number, file in enumerate(waiting)),
        *((number / len(others), 1, file) for number, file in enumerate(others)),
    ]
    return [file for _, _, file in sorted(places, key=lambda place: place[:2])]
