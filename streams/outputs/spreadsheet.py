"""Rows of CSV that a spreadsheet opens without computing anything.

Ids are chosen by sources, and a cell that begins with ``=`` is a formula: it may fetch a page with
what stands beside it, or start a program. Every cell is therefore made plain text.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from streams.printable import printable

_STARTS: Final = frozenset("=+-@")
_SEPARATORS: Final = re.compile(r'([,;|"])')
"""What a spreadsheet may take for the end of a cell: that depends on the country of its user."""


def plain_cell(text: str) -> str:
    """Return a text that starts no formula, wherever a spreadsheet believes that a cell begins.

    An apostrophe goes before what would start one: spreadsheets take the rest for text. Characters
    that do not print, line breaks and tabs among them, become U+FFFD.
    """
    pieces = _SEPARATORS.split(printable(text))
    return "".join(f"'{piece}" if _starts_a_formula(piece) else piece for piece in pieces)


def _starts_a_formula(text: str) -> bool:
    # The compatibility form turns full-width, small and raised twins into the plain character.
    return unicodedata.normalize("NFKC", text.lstrip()[:1])[:1] in _STARTS


def csv_row(values: Iterable[object]) -> bytes:
    """Return a line of RFC 4180 in UTF-8, every cell of it plain text; None is an empty cell."""
    line = io.StringIO(newline="")
    cells = ["" if value is None else plain_cell(str(value)) for value in values]
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(cells)
    return line.getvalue().encode()
