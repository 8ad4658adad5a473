"""Why an account in which all is well was told as unused: what became of its records."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from bench.edges.world import Arrival

REFUSED: Final = "a record of it was refused"
MISPLACED: Final = "a record of it was in the wrong partition"
RESPELT: Final = "its records spell its id, or that of its sale, in two ways"
TWO_SITES: Final = "two sites sold something on it"
DATED: Final = "a record of it bears another time"
LOST: Final = "a record of it was lost"
TO_COME: Final = "a record of it had not come by the end"
UNKNOWN: Final = "its records came as they were"


class Causes:
    """Knows what became of the records of each account.

    Parameters
    ----------
    true, arrived
        What truly happened, and what arrived or is still to come.
    ends
        When the log ends, in seconds since 1970.
    refused_of
        The accounts of records that were refused.
    """

    def __init__(
        self,
        true: Iterable[Arrival],
        arrived: Iterable[Arrival],
        refused_of: Collection[str],
        ends: float,
    ) -> None:
        self._ends: Final = ends
        self._refused_of: Final = refused_of
        self._true: Final = _by_account(true)
        self._arrived: Final = _by_account(arrived)

    def of(self, account: str) -> str:
        """Return the cause, the one that explains most first."""
        true, arrived = self._true[account], self._arrived[account]
        came = {one.record["event_id"]: one for one in arrived}
        if len({one.record.get("site") for one in true if one.kind == "sale"}) > 1:
            return TWO_SITES
        if account in self._refused_of:
            return REFUSED
        if any(one.misplaced for one in arrived):
            return MISPLACED
        known = {one.record["event_id"]: one for one in true}
        both = [(known[name], one) for name, one in came.items() if name in known]
        for field, cause in (("account_id", RESPELT), ("sale_id", RESPELT), ("occurred_at", DATED)):
            if any(was.record.get(field) != now.record.get(field) for was, now in both):
                return cause
        if not known.keys() <= came.keys():
            return LOST
        return TO_COME if any(one.at >= self._ends for one in arrived) else UNKNOWN


def touched_by(before: Sequence[Arrival], after: Sequence[Arrival]) -> set[str]:
    """Return the accounts of which a fault changed, lost or added a record."""
    was, now = {id(one) for one in before}, {id(one) for one in after}
    return {one.account for one in before if id(one) not in now} | {
        one.account for one in after if id(one) not in was
    }


def _by_account(arrivals: Iterable[Arrival]) -> defaultdict[str, list[Arrival]]:
    known: defaultdict[str, list[Arrival]] = defaultdict(list)
    for one in arrivals:
        known[one.account].append(one)
    return known
