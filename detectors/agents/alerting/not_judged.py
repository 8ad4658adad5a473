"""Who is not judged, and why: of them silence says nothing, and they must not pass for honest.

What is expected of an agent is an estimate from others. The less it rests on beside the agent's own
outcomes, the less these weigh (`detectors.peers.information`): of one who is nearly the whole
market of what they sell, nothing at all. One beside whom nobody has an outcome is compared with
imagined others only.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
from msgspec import Struct

from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId
from detectors.evidence.arrays import Booleans, Integers

Reason: TypeAlias = Literal["no_peers", "too_large"]
"""``no_peers``: nobody else has had an outcome. ``too_large``: the others are too few beside them.
"""


class Unjudged(Struct, frozen=True, array_like=True):
    """Why an agent is not judged, and since which day."""

    reason: Reason
    since: Day


NotJudgedState: TypeAlias = dict[int, Unjudged]
"""By row."""


class NotJudged:
    """Who is not judged at present, of the agents of one tier.

    An agent's last day with outcomes decides: they are not judged if half of the outcomes or more
    had no weight.
    """

    def __init__(self) -> None:
        self.state: NotJudgedState = {}

    def update(
        self, day: Day, rows: Integers, number: Integers, exponents: Integers, alone: Booleans
    ) -> None:
        """Take in a day, later than all before it: some outcomes an element of each array.

        Parameters
        ----------
        day
            The day.
        rows
            Whose outcomes they are.
        number
            How many outcomes they are.
        exponents
            Of the likelihood, as far as it depends on the peers; 0 is no weight.
        alone
            Whether nobody else has ever had an outcome.
        """
        weightless = alone | (exponents == 0)
        if not (self.state or weightless.any()):  # nearly always
            return
        present, which = np.unique(rows, return_inverse=True)
        without = np.bincount(which, np.where(weightless, number, 0))
        is_judged = 2.0 * without < np.bincount(which, number)
        is_alone = np.bincount(which, alone) > 0.0
        for row, judged, lone in zip(
            present.tolist(), is_judged.tolist(), is_alone.tolist(), strict=True
        ):
            if judged:
                self.state.pop(row, None)
                continue
            reason: Reason = "no_peers" if lone else "too_large"
            known = self.state.get(row)
            if known is None or known.reason != reason:
                self.state[row] = Unjudged(reason, day)


def counted(unjudged: Mapping[AgentId, Unjudged]) -> dict[Reason, int]:
    """Count by reason; every reason is there."""
    counts: dict[Reason, int] = {"no_peers": 0, "too_large": 0}
    for one in unjudged.values():
        counts[one.reason] += 1
    return counts
