"""Shifts of volume and amount: from what was sold on a day to alerts, one series each."""

from collections.abc import Collection, Mapping
from typing import Final

from msgspec import Struct, field

from detectors.agents.shifts.alert import AMOUNT_SHIFT, VOLUME_SHIFT
from detectors.agents.shifts.day_sales import (
    DaySales,
    WidestCells,
    amounts,
    day_sales,
    day_sold,
    volumes,
)
from detectors.agents.shifts.watch import ShiftWatch, ShiftWatchState
from detectors.alerts.alert import Alert, Severity
from detectors.basis.errors import IncompatibleSnapshot
from detectors.messages.outcomes import PatternName, SalesDay, ShadowCount
from detectors.messages.sold import DaySold
from detectors.profiles.shift import FORM, Shift

_COMPARED: Final = {VOLUME_SHIFT: volumes, AMOUNT_SHIFT: amounts}

_CONFIGS: Final = {
    VOLUME_SHIFT: Shift(smallest_scale=0.05),
    AMOUNT_SHIFT: Shift(smallest_scale=0.01),
}
"""Values are logarithms: an agent who never differs by a twentieth is not seen to change by less.

`Shift.confidence` is what docs/detectors.md has the figures for.
"""


class ShiftsState(Struct, array_like=True):
    """A `Shifts` in a snapshot; ``sales`` are of days that wait for their review."""

    form: str
    sales: dict[int, DaySales] = field(default_factory=dict)
    watches: dict[PatternName, ShiftWatchState] = field(default_factory=dict)


class Shifts:
    """Watches what agents sell, against their own past. Days are taken, and judged, in order.

    Parameters
    ----------
    names
        The series to watch, of `VOLUME_SHIFT` and `AMOUNT_SHIFT`; none is no cost.
    config_hash
        Identifies the settings in every alert.
    resolve_after_days
        After so many days without a further shift an alert is resolved.
    seed
        Of the shadow null, or None without one.
    """

    def __init__(
        self,
        names: Collection[PatternName],
        config_hash: str,
        resolve_after_days: float,
        seed: int | None,
    ) -> None:
        self._watches: Final = {
            name: ShiftWatch(name, config, config_hash, resolve_after_days, seed)
            for name, config in _CONFIGS.items()
            if name in names
        }
        self._widest: Final = WidestCells()
        self._sales: dict[int, DaySales] = {}

    def open_alerts(self) -> dict[tuple[PatternName, Severity], int]:
        """Count the open alerts by series."""
        return {(name, "info"): watch.open_alerts() for name, watch in self._watches.items()}

    def shadow(self) -> dict[PatternName, ShadowCount]:
        """Give what the shadow null of this partition has counted; empty without it."""
        counts = {name: watch.shadow for name, watch in self._watches.items()}
        return {name: count for name, count in counts.items() if count is not None}

    def take(self, day: int, told: Mapping[int, SalesDay]) -> DaySold:
        """Take the sales of a day; give what they come to, for the report of the day.

        `told` may hold earlier days, of which nothing can be said any more.
        """
        if not self._watches:
            return DaySold()
        today = told.get(day)
        sales = day_sales([] if today is None else today.made, self._widest)
        self._sales[day] = sales
        return day_sold(sales)

    def judge(
        self, day: int, everybody: DaySold, null: Mapping[PatternName, ShadowCount]
    ) -> list[Alert]:
        """Judge a day that was taken; give the alerts that are due at its end.

        `everybody` and `null` are what all partitions together sold that day, and what their shadow
        nulls have counted.
        """
        own = self._sales.pop(day, DaySales())
        alerts: list[Alert] = []
        for name, watch in self._watches.items():
            compared = _COMPARED[name](own, everybody)
            agents = [own.agents[place] for place in compared.places.tolist()]
            alerts += watch.judge(day, agents, compared.values, null.get(name))
        return alerts

    def snapshot(self) -> ShiftsState:
        """Give all of the state; it shares records with this object: encode it at once."""
        watches = {name: watch.snapshot() for name, watch in self._watches.items()}
        return ShiftsState(FORM, self._sales, watches)

    def restore(self, state: ShiftsState) -> None:
        """Take over a state given by `snapshot`, into an object that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If it was saved with another version of river.
        """
        if state.form != FORM:
            raise IncompatibleSnapshot(f"a snapshot of the form {state.form!r}, not {FORM!r}")
        self._sales = state.sales
        for name, watch in state.watches.items():
            self._watches[name].restore(watch)
