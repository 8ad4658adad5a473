"""The spreads of honest agents that a table of evidence was ever told of, in their order."""

from collections.abc import Sequence
from itertools import islice
from typing import Final, Self

import numpy as np

from detectors.evidence.arrays import Reals
from detectors.evidence.prior import Prior


class Spreads:
    """All spreads that were in force, the last of them being so now; no two in a row are equal.

    A row follows them only when it is looked at, one after the other: so it must be known which
    they were. They change at reviews alone, so they are a few dozen a year.

    Parameters
    ----------
    between_agent_sd
        The first.

    Raises
    ------
    ValueError
        If it is outside the range of a `Prior`.

    Attributes
    ----------
    weights
        (spreads, LEVELS): the prior probabilities of the honest levels under each.
    """

    def __init__(self, between_agent_sd: float) -> None:
        self._deviations: Final = [between_agent_sd]
        self.weights = _weights(between_agent_sd)

    def __len__(self) -> int:
        return len(self._deviations)

    @property
    def present(self) -> float:
        """The spread that is in force."""
        return self._deviations[-1]

    def add(self, between_agent_sd: float) -> None:
        """Let another spread be in force; the same one changes nothing.

        Raises
        ------
        ValueError
            If it is outside the range of a `Prior`.
        """
        if between_agent_sd != self.present:
            self.weights = np.concatenate([self.weights, _weights(between_agent_sd)])
            self._deviations.append(between_agent_sd)

    def begin_like(self, others: Self, number: int) -> bool:
        """Return whether so many of both, from the first one on, are the same."""
        return number <= len(self) and all(
            own == other
            for own, other in islice(
                zip(self._deviations, others._deviations, strict=False), number
            )
        )

    def copy(self) -> Self:
        """Return an independent object that is equal to this one."""
        return self.of(self._deviations)

    def snapshot(self) -> list[float]:
        """Return them all."""
        return list(self._deviations)

    @classmethod
    def of(cls, deviations: Sequence[float]) -> Self:
        """Return those that `snapshot` returned."""
        spreads = cls(deviations[0])
        for deviation in deviations[1:]:
            spreads.add(deviation)
        return spreads


def _weights(between_agent_sd: float) -> Reals:
    return Prior(between_agent_sd).weights()[np.newaxis]
