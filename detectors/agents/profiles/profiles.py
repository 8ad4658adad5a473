"""All profiles of one partition: from what was sold on a day to alerts."""

from collections.abc import Collection, Mapping
from typing import Final

from msgspec import Struct, field

from detectors.agents.profiles.counting import WidestCells, day_sales
from detectors.agents.profiles.watch import ProfileWatch, ProfileWatchState
from detectors.alerts.alert import Alert, Severity
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import DAY, Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.messages.outcomes import SalesDay, ShadowCount
from detectors.messages.sold import DaySold
from detectors.profiles.day_sales import DaySales, day_sold
from detectors.profiles.numbers import NUMBERS
from detectors.settings import Settings


class ProfilesState(Struct, array_like=True):
    """A `Profiles` in a snapshot; ``sales`` are of days that wait for their review."""

    sales: dict[Day, DaySales] = field(default_factory=dict)
    watches: dict[PatternName, ProfileWatchState] = field(default_factory=dict)


class Profiles:
    """Watches daily numbers of agents. Days are taken, and judged, in order.

    Parameters
    ----------
    settings
        All settings; no enabled profile is no cost.
    config_hash
        Identifies the settings in every alert.
    seed
        Of the shadow null, or None without one.
    """

    def __init__(self, settings: Settings, config_hash: str, seed: int | None) -> None:
        enabled = {name: one for name, one in settings.profiles.items() if one.enabled}
        resolve_after_days = seconds_of(settings.evidence.resolve_after) / DAY
        one_in = settings.shadow_null.one_in
        self._numbers: Final = {name: NUMBERS[one.watches] for name, one in enabled.items()}
        self._watches: Final = {
            name: ProfileWatch(name, one, config_hash, resolve_after_days, seed, one_in)
            for name, one in enabled.items()
        }
        self._widest: Final = WidestCells()
        self._sales: dict[Day, DaySales] = {}

    def open_alerts(self) -> dict[tuple[PatternName, Severity], int]:
        """Count the open alerts by profile."""
        return {(name, "info"): watch.open_alerts() for name, watch in self._watches.items()}

    def shadow(self) -> dict[PatternName, ShadowCount]:
        """Return what the shadow null of this partition has counted; empty without it."""
        counts = {name: watch.shadow for name, watch in self._watches.items()}
        return {name: count for name, count in counts.items() if count is not None}

    def pop(self, day: Day, days: Mapping[Day, SalesDay]) -> DaySold:
        """Take the sales of a day; return what they come to, for the report of the day.

        `days` may hold earlier days, of which nothing can be said any more.
        """
        if not self._watches:
            return DaySold()
        today = days.get(day)
        sales = day_sales([] if today is None else today.made, self._widest)
        self._sales[day] = sales
        return day_sold(sales)

    def decide(self, honest: Mapping[PatternName, Collection[AgentId]]) -> None:
        """Let the alerts end, with the day judged next, that people found honest, by profile."""
        for name, watch in self._watches.items():
            watch.end(honest.get(name, ()))

    def judge(
        self,
        day: Day,
        everybody: DaySold,
        null: Mapping[PatternName, ShadowCount],
        known: Collection[AgentId] | None = None,
    ) -> list[Alert]:
        """Judge a day that was taken; return the alerts that are due at its end.

        `everybody` and `null` are what all partitions together sold that day, and what their shadow
        nulls have counted; `known` are the agents who are judged, None for all.
        """
        own = self._sales.pop(day, DaySales())
        alerts: list[Alert] = []
        for name, watch in self._watches.items():
            compared = self._numbers[name].compare(own, everybody)
            agents, values = (
                [own.agents[place] for place in compared.places.tolist()],
                compared.values,
            )
            if known is not None:
                values = values[[one in known for one in agents]]
                agents = [one for one in agents if one in known]
            alerts += watch.judge(day, agents, values, null.get(name))
        return alerts

    def snapshot(self) -> ProfilesState:
        """Return all of the state; it shares records with this object: encode it at once."""
        watches = {name: watch.snapshot() for name, watch in self._watches.items()}
        return ProfilesState(self._sales, watches)

    def restore(self, state: ProfilesState) -> None:
        """Restore a state given by `snapshot`, into an object that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If a detector cannot read what was saved: another version of it wrote that.

        """
        self._sales = state.sales
        for name, watch in state.watches.items():
            self._watches[name].restore(watch)
