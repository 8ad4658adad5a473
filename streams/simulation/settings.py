"""What a simulated contact centre is asked to be."""

from datetime import UTC, date, datetime
from math import isfinite
from typing import Final

import msgspec

from streams.simulation.planted import FORMS

LONGEST_PERIOD_IN_DAYS: Final = 36_500
LARGEST_SEED: Final = 2**63 - 1


class SimulationSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of one simulation; equal settings give equal bytes.

    `sales_per_day` is the mean of an agent on a working day. `between_agent_sd` is the spread of
    honest agents on the logit, for cancellations and for non-use alike. `planted_share` is the
    share of agents with planted misconduct, over both patterns; 0 plants nobody. Of every pattern
    in `also_planted` (of `streams.simulation.planted.FORMS`) there are as many more as of each of
    those two.

    Raises ValueError when a parameter is out of range; the message names it.
    """

    agents: int
    days: int
    seed: int
    sales_per_day: float = 3.0
    start: date = date(2025, 1, 1)
    between_agent_sd: float = 0.25
    planted_share: float = 0.03
    also_planted: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parameters that describe no contact centre."""
        if self.agents < 1:
            raise ValueError(f"agents must be at least 1, not {self.agents}")
        if not 1 <= self.days <= LONGEST_PERIOD_IN_DAYS:
            raise ValueError(
                f"days must be between 1 and {LONGEST_PERIOD_IN_DAYS}, not {self.days}"
            )
        if not 0 <= self.seed <= LARGEST_SEED:
            raise ValueError(f"seed must be between 0 and {LARGEST_SEED}, not {self.seed}")
        if not (isfinite(self.sales_per_day) and self.sales_per_day > 0):
            raise ValueError(f"sales_per_day must be a number above 0, not {self.sales_per_day}")
        if not (isfinite(self.between_agent_sd) and self.between_agent_sd >= 0):
            raise ValueError(
                f"between_agent_sd must be a number from 0, not {self.between_agent_sd}"
            )
        if not 0 <= self.planted_share <= 1:
            raise ValueError(f"planted_share must be between 0 and 1, not {self.planted_share}")
        for pattern in self.also_planted:
            if pattern not in FORMS:
                raise ValueError(f"also_planted knows no pattern {pattern}")
        if self.start.toordinal() + self.days > date.max.toordinal():
            raise ValueError(f"start must leave room for {self.days} days, not {self.start}")

    @property
    def begins_at(self) -> datetime:
        """The first moment of the period: midnight UTC of `start`."""
        return datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)
