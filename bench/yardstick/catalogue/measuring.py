"""What the product said of the agents of a centre, beside what is true of them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct, field

from detectors.alerts.alert import Alert
from streams.simulation.people import People

NEVER = float("inf")
"""Days after which somebody was found who was not."""


class Measured(Struct):
    """What came of one run, or of several added up.

    Attributes
    ----------
    honest_years
        Agent-years of agents whom nobody planted, as long as they were employed.
    false
        Alerts that were opened about them, by pattern and by whether they were of an early tier.
    squares
        By whether early: the sum over agents of the squares of their numbers of alerts.
    delays
        By pattern: days from the change of each planted agent to their first alert of it.
    open_before
        Planted agents with such an alert before their change, by pattern: they are left out.
    """

    honest_years: float = 0.0
    false: Counter[tuple[str, bool]] = field(default_factory=Counter)
    squares: Counter[bool] = field(default_factory=Counter)
    delays: dict[str, list[float]] = field(default_factory=dict)
    open_before: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Measured") -> None:
        """Add another run."""
        self.honest_years += other.honest_years
        self.false += other.false
        self.squares += other.squares
        self.open_before += other.open_before
        for pattern, delays in other.delays.items():
            self.delays.setdefault(pattern, []).extend(delays)


def measure(
    alerts: Iterable[Alert],
    people: People,
    days: int,
    sources: Mapping[str, str],
    begins_at: datetime,
) -> Measured:
    """Set the alerts of a run beside who was planted.

    `sources` are the patterns of which early tiers tell, by the name of the tier.
    """
    opened: defaultdict[str, list[tuple[str, bool, float]]] = defaultdict(list)
    for alert in alerts:
        if alert.subject.type == "agent" and alert.revision == 1:
            pattern = sources.get(alert.pattern, alert.pattern)
            day = (alert.opened_at - begins_at).total_seconds() / 86_400
            opened[alert.subject.id].append((pattern, alert.pattern in sources, day))
    planted = {people.ids[one.agent]: one for one in people.planted}
    measured = Measured()
    for row, agent in enumerate(people.ids[: people.nobody]):
        told = opened[str(agent)]
        if agent not in planted:
            first, last = int(people.first_day[row]), min(int(people.last_day[row]), days - 1)
            measured.honest_years += max(0, last + 1 - first) / 365
            measured.false.update((pattern, early) for pattern, early, _ in told)
            for early, number in Counter(early for _, early, _ in told).items():
                measured.squares[early] += number**2
            continue
        one = planted[agent]
        found = [day - one.change_day for pattern, _, day in told if pattern == one.pattern]
        if any(delay <= 0 for delay in found):
            measured.open_before[one.pattern] += 1
            continue
        in_the_year = [delay for delay in found if one.change_day + delay <= days]
        measured.delays.setdefault(one.pattern, []).append(min(in_the_year, default=NEVER))
    return measured
