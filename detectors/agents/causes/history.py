"""What the groups of one kind did by one tier, day by day, the newest days finest."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.evidence.within_group import Counted
from detectors.messages.within import GroupDay

FINE: Final = 60
"""Days that are remembered one by one; older ones are added up, so many at a time as `COARSE`."""

COARSE: Final = 30
REMEMBERED: Final = 720
"""Days; evidence that grew for longer is compared with these."""


class Stretch(Struct, array_like=True):
    """Days of a group, added up; ``last`` is the last of them."""

    last: Day
    bad: int
    expected: float


HistoryState = dict[str, list[Stretch]]
"""By group, oldest first."""


class History:
    """The groups of one kind, as one tier judges their members."""

    def __init__(self) -> None:
        self.state: HistoryState = {}

    def add(self, day: Day, groups: Mapping[str, GroupDay]) -> None:
        """Add a day, later than all before it."""
        for name, told in groups.items():
            stretch = Stretch(day, told.bad, told.expected)
            self.state.setdefault(name, []).append(stretch)
        if day % COARSE == 0:
            aged = {name: _aged(day, stretches) for name, stretches in self.state.items()}
            self.state = {name: stretches for name, stretches in aged.items() if stretches}

    def since(self, group: str, day: Day, until: Day | None = None) -> Counted:
        """Return what a group did since `day`, and `until` another, as exactly as is remembered.

        What is long ago may begin, and end, a little earlier or later.
        """
        chosen = [
            stretch
            for stretch in self.state.get(group, ())
            if stretch.last >= day and (until is None or stretch.last <= until)
        ]
        return Counted(
            sum(stretch.bad for stretch in chosen), sum(stretch.expected for stretch in chosen)
        )


def _aged(day: Day, stretches: list[Stretch]) -> list[Stretch]:
    aged: list[Stretch] = []
    for stretch in stretches:
        if stretch.last <= day - REMEMBERED:
            continue
        before = aged[-1] if aged else None
        if (
            before is None
            or stretch.last > day - FINE
            or before.last // COARSE != stretch.last // COARSE
        ):
            aged.append(stretch)
            continue
        aged[-1] = Stretch(
            stretch.last,
            before.bad + stretch.bad,
            before.expected + stretch.expected,
        )
    return aged
