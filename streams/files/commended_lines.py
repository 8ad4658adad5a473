"""What a run of `aboveboard detect` says of good sales."""

from collections.abc import Iterator, Sequence
from typing import Final

from detectors.alerts.commendation import Commendation
from streams.printable import printable

MOST_NAMED: Final = 3
"""Agents of whom a summary says in a sentence why they are commended, the surest ones."""


def commended_lines(revisions: Sequence[Commendation]) -> Iterator[str]:
    """Yield who is commended, of every revision in the order of the log."""
    latest = {one.commendation_id: one for one in revisions}
    stands = [one for one in latest.values() if one.status == "open"]
    if not stands:
        return
    surest = sorted(stands, key=lambda one: (-one.value, one.agent_id))
    agents = "1 agent is" if len(stands) == 1 else f"{len(stands):,} agents are"
    yield f"Good sales: {agents} commended, whose sales are kept and used more than peers'"
    for one in surest[:MOST_NAMED]:
        yield f"  {printable(one.summary)}"
    if len(stands) > MOST_NAMED:
        yield f"  and {len(stands) - MOST_NAMED:,} more: --commendations FILE names them"
