"""Ids, days and numbers as a report writes them."""

import re
from datetime import date, datetime
from typing import Final

from streams.printable import printable

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]*")

_LEAST_WHOLE: Final = 0.995
"""A share of so much or more would be written as all of it."""

_NEARLY_ALL: Final = 99.99


def name_of(identifier: str) -> str:
    """Return an id to be shown: one that is not plain stands in quotes, all of it printable.

    So no id passes for a sentence of the report, and none begins a formula where it is pasted.
    """
    return identifier if _PLAIN.fullmatch(identifier) else f"“{printable(identifier)}”"


def day_in_words(day: date) -> str:
    """Return a day such as ``3 March 2025``."""
    return f"{day.day} {day:%B %Y}"


def moment_in_words(moment: datetime) -> str:
    """Return a time such as ``3 March 2025, 17:05 UTC``; `moment` is in UTC."""
    return f"{day_in_words(moment)}, {moment:%H:%M} UTC"


def percent(share: float) -> str:
    """Return a share: ``43 %``, ``5.7 %``, ``0.21 %``; never 0 or 100 % of what is not."""
    whole = 100 * share
    if share in {0.0, 1.0}:
        return f"{whole:.0f} %"
    if share >= _LEAST_WHOLE:
        return f"{min(whole, _NEARLY_ALL):.2f} %"
    for least, shown in ((10.0, f"{whole:.0f}"), (1.0, f"{whole:.1f}")):
        if whole >= least:
            return f"{shown} %"
    return f"{whole:.2g} %"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number and what it counts: ``1 alert``, ``1,204 alerts``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def enumerated(words: list[str]) -> str:
    """Return words as a sentence lists them."""
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
