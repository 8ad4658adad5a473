"""What was told beside what was recomputed, in tables."""

from collections.abc import Iterable, Sequence

from msgspec import Struct, structs
from rich.table import Table


def table_of(title: str, columns: Sequence[str]) -> Table:
    """Return an empty table, whose words are folded where a terminal is narrow."""
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def one_or_both(values: Iterable[str]) -> str:
    """Return what was reported and what was recomputed, or one of them if they are the same."""
    return "\n".join(dict.fromkeys(values))


def agreement(said: Struct | None, found: Struct | None) -> str:
    """Return whether two revisions are the same, and if not, what differs."""
    if said is None or found is None:
        return "NO: not " + ("reported" if said is None else "recomputed")
    recomputed = structs.asdict(found)
    differ = [key for key, value in structs.asdict(said).items() if value != recomputed[key]]
    return "NO: " + ", ".join(differ) if differ else "yes"
