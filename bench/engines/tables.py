"""Tables and paragraphs of a page, for people."""

from collections.abc import Sequence
from textwrap import fill
from typing import Final

WIDTH: Final = 140


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown; a line that says so if there is nothing in it."""
    if not rows:
        return "Not measured."
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def wrapped(part: str) -> str:
    """Break a sentence of ours into lines; headings, tables and texts have theirs."""
    return part if part[0] in "#|" or "\n" in part else fill(part, WIDTH)
