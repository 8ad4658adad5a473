"""What the summary says of events that met nothing they belong to."""

from typing import Final

from detectors.ledger.matches import MatchCounts

ENOUGH: Final = 20
ONE_IN: Final = 100
"""So many that met nothing, and fewer than one in so many that did, are no accident."""


def match_lines(counts: MatchCounts) -> list[str]:
    """Return how many sales, cancellations and accounts in use met nothing, of those over with."""
    cancellations = counts.cancelled + counts.lone_cancellations
    if not (counts.sales or cancellations or counts.lone_accounts):
        return []
    lines = ["Met nothing, of what can meet nothing any more"]
    if counts.sales:
        lines.append(
            f"  {counts.lone_sales:>10,} of {counts.sales:,} sales: no use and no cancellation"
        )
    if cancellations:
        lines.append(
            f"  {counts.lone_cancellations:>10,} cancellations: no sale, or later than any window "
            f"(and {counts.cancelled:,} sales were cancelled)"
        )
    if counts.lone_accounts:
        lines.append(
            f"  {counts.lone_accounts:>10,} accounts in use: no sale "
            f"(and {counts.used:,} sales were used)"
        )
    # After its window a cancellation meets no sale, and neither do customers of old: many of them
    # are nothing strange, but that hardly any met one is.
    for kind, name, met, lone in (
        ("cancellations", "sale_id", counts.cancelled, counts.lone_cancellations),
        ("accounts in use", "account_id", counts.used, counts.lone_accounts),
    ):
        if lone >= ENOUGH and met < lone / ONE_IN:
            lines.append(f"  Hardly any {kind} met a sale: compare how the sources spell {name}")
    return lines
