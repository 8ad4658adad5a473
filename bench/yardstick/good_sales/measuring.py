"""Who was commended in a centre, beside who is better."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from msgspec import Struct, field

from detectors.alerts.commendation import Commendation
from streams.simulation.people import People

NEVER: Final = float("inf")
"""Days after which somebody was commended who was not."""

BY: Final = ("neither", "one", "both")
"""By how many of the two patterns an agent's odds are below those of the middle agent."""


def _nothing() -> dict[str, float]:
    return dict.fromkeys(BY, 0.0)


class Soon(Struct, frozen=True):
    """When a better agent was commended: days from their first, and sales judged by then."""

    days: float = NEVER
    sales: int = 0


class Measured(Struct):
    """What came of one run, or of several added up.

    Attributes
    ----------
    years
        Agent-years of agents who differ as agents do, by how many patterns they are better.
    told
        Commendations that began about them, in the same way.
    squares
        Sums over these agents of the squares of their numbers of commendations, in the same way.
    soon
        Of better agents, by kind.
    """

    years: dict[str, float] = field(default_factory=_nothing)
    told: dict[str, float] = field(default_factory=_nothing)
    squares: dict[str, float] = field(default_factory=_nothing)
    soon: dict[str, list[Soon]] = field(default_factory=dict)

    def add(self, other: "Measured") -> None:
        """Add another run."""
        for by in BY:
            self.years[by] += other.years[by]
            self.told[by] += other.told[by]
            self.squares[by] += other.squares[by]
        for kind, soon in other.soon.items():
            self.soon.setdefault(kind, []).extend(soon)


def measure(
    commendations: Iterable[Commendation],
    people: People,
    better: Mapping[int, str],
    days: int,
    begins_at: datetime,
) -> Measured:
    """Set the commendations of a run beside who is better; `better` has kinds by agent."""
    begun: dict[str, list[Soon]] = {}
    for one in commendations:
        if one.revision == 1:
            day = (one.opened_at - begins_at).total_seconds() / 86_400
            sales = max(ground.matured for ground in one.grounds)
            begun.setdefault(one.agent_id, []).append(Soon(day, sales))
    measured = Measured()
    for row, agent in enumerate(people.ids[: people.nobody]):
        told = begun.get(str(agent), [])
        kind = better.get(row)
        if kind is not None:
            measured.soon.setdefault(kind, []).append(told[0] if told else Soon())
            continue
        offsets = (people.cancellation_offset[row], people.unused_offset[row])
        by = BY[sum(offset < 0.0 for offset in offsets)]
        first, last = int(people.first_day[row]), min(int(people.last_day[row]), days - 1)
        measured.years[by] += max(0, last + 1 - first) / 365
        measured.told[by] += len(told)
        measured.squares[by] += len(told) ** 2
    return measured
