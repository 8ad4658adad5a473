"""The latest bad outcomes of every agent, for the events that an alert points to."""

from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.basis.identifiers import SaleId
from detectors.messages.outcomes import Outcome
from detectors.messages.stake import Stake

REMEMBERED = 50
"""How many of an agent's bad outcomes are remembered by their events, the latest ones."""


class BadOutcome(Struct, frozen=True, array_like=True, gc=False):
    """A bad outcome that an alert may point to, by the day on which it was judged."""

    day: Day
    sale_id: SaleId
    event_ids: tuple[str, ...]
    stakes: tuple[Stake, ...]


BadOutcomesState = list[list[BadOutcome]]
"""By row, in the order of days."""


class BadOutcomes:
    """Bad outcomes by the row of their agent; rows are numbered from 0 without gaps."""

    def __init__(self) -> None:
        self.state: BadOutcomesState = []

    def remember(self, row: int, day: Day, outcome: Outcome) -> None:
        """Record one, on a day no earlier than those of the others."""
        bad = self._of(row)
        bad.append(BadOutcome(day, outcome.sale_id, outcome.event_ids, outcome.stakes))
        if len(bad) > REMEMBERED:
            del bad[0]

    def correct(self, row: int, day: Day, outcome: Outcome, *, bad: bool) -> None:
        """Replace what is known of a sale that was judged on `day`, as bad or not."""
        known = [other for other in self._of(row) if other.sale_id != outcome.sale_id]
        self.state[row] = known
        if bad:
            self.remember(row, day, outcome)
            self.state[row].sort(key=_day)

    def event_ids(self, row: int, since: Day) -> tuple[str, ...]:
        """Return the ids of the events of those judged on the day `since` or later."""
        return tuple(
            event_id
            for outcome in self._of(row)
            if outcome.day >= since
            for event_id in outcome.event_ids
        )

    def stakes(self, row: int, since: Day) -> tuple[Stake, ...]:
        """Return what is at stake in those; a sale of which two of them tell is there twice."""
        return tuple(
            stake for outcome in self._of(row) if outcome.day >= since for stake in outcome.stakes
        )

    def sales(self, row: int) -> frozenset[str]:
        """Return the ids of the events of all sales in them."""
        return frozenset(stake.event_id for one in self._of(row) for stake in one.stakes)

    def _of(self, row: int) -> list[BadOutcome]:
        while row >= len(self.state):
            self.state.append([])
        return self.state[row]


def _day(outcome: BadOutcome) -> Day:
    return outcome.day
