"""Watches over shifts that each break the law of replay."""

from collections.abc import Mapping

import msgspec
import numpy as np
from river._river_rust.drift import AdaptiveWindowing

from detectors.agents.shifts.day_sales import day_sold
from detectors.agents.shifts.shifts import Shifts, ShiftsState
from detectors.alerts.alert import Alert
from detectors.messages.outcomes import PatternName, SalesDay, ShadowCount
from detectors.messages.sold import DaySold


class KnowsOnlyItsPartition(Shifts):
    """Compares agents with the colleagues of their partition."""

    def judge(
        self, day: int, everybody: DaySold, null: Mapping[PatternName, ShadowCount]
    ) -> list[Alert]:
        del everybody
        return super().judge(day, day_sold(self._sales[day]), null)


class TossesByPlace(Shifts):
    """Tosses a coin for the place that an agent happens to have."""

    def judge(
        self, day: int, everybody: DaySold, null: Mapping[PatternName, ShadowCount]
    ) -> list[Alert]:
        for watch in self._watches.values():
            places = np.arange(len(watch._names), dtype=np.uint64)  # noqa: SLF001 - to break it
            watch._identities = places  # noqa: SLF001 - as above
        return super().judge(day, everybody, null)


class ForgetsTheDayThatWaits(Shifts):
    """Saves no sales of days whose review has not come."""

    def snapshot(self) -> ShiftsState:
        return msgspec.structs.replace(super().snapshot(), sales={})


class ForgetsItsCases(Shifts):
    """Saves no open alerts."""

    def restore(self, state: ShiftsState) -> None:
        for watch in state.watches.values():
            watch.cases.clear()
        super().restore(state)


class BeginsItsWindowsAnew(Shifts):
    """Saves no windows."""

    def restore(self, state: ShiftsState) -> None:
        empty = AdaptiveWindowing(delta=0.01, clock=1).__getstate__()
        for watch in state.watches.values():
            for row in watch.series:
                row.window = empty
        super().restore(state)


class CountsTheFirstSaleTwice(Shifts):
    """Depends on the order in which sales are told."""

    def take(self, day: int, told: Mapping[int, SalesDay]) -> DaySold:
        made = told[day].made if day in told else []
        return super().take(day, {day: SalesDay([*made[:1], *made])})
