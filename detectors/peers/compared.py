"""With the rest of which groups members are compared: `limits.most_groups` bounds how many.

Every agents partition remembers what each of them did, for two years.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.basis.identifiers import GroupKind
from detectors.messages.within import GroupRows, numbers
from detectors.peers.room import FREQUENT

ComparedState = dict[GroupKind, list[str]]
"""By kind the groups that have a place, in the order of their names."""


class Compared:
    """Gives places to the groups of one kind until there are `most`, and none back.

    In the first half every group gets one; in the second one that is frequent on a day, as cells do
    (`detectors.peers.room`). Who has one follows from the days alone.

    Attributes
    ----------
    most
        How many may have one.
    names
        The groups that have a place.
    """

    def __init__(self, most: int) -> None:
        self.most: Final = most
        self.names: Final[set[str]] = set()

    def admit(self, parts: Sequence[GroupRows]) -> None:
        """Give places to groups of a day that have none, those with the most outcomes first.

        `parts` are of all tiers and partitions.
        """
        if all(self.names.issuperset(part.groups) for part in parts):
            return
        outcomes = Counter[str]()
        for part in parts:
            rows = numbers(part.rows)
            counts = np.bincount(rows[:, 0], np.maximum(rows[:, 2], 0), len(part.groups))
            for name, number in zip(part.groups, counts.tolist(), strict=True):
                if name not in self.names:
                    outcomes[name] += int(number)
        for name in sorted(outcomes, key=lambda name: (-outcomes[name], name)):
            most = self.most if outcomes[name] >= FREQUENT else self.most // 2
            if len(self.names) >= most:
                return
            self.names.add(name)
