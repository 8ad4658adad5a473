"""What the summary says of events that met nothing they belong to."""

from detectors.ledger.matches import MatchCounts


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
            f"  {counts.lone_cancellations:>10,} cancellations: no sale "
            f"(and {counts.cancelled:,} sales were cancelled)"
        )
    if counts.lone_accounts:
        lines.append(
            f"  {counts.lone_accounts:>10,} accounts in use: no sale "
            f"(and {counts.used:,} sales were used)"
        )
    if counts.lone_cancellations > counts.cancelled or counts.lone_accounts > counts.used:
        lines.append(
            "  Most of one kind met no sale: compare how the sources spell sale_id and account_id"
        )
    return lines
