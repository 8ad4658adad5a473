"""Watches over profiles, and detectors of others, that each break the law of replay."""

from collections.abc import Collection, Mapping
from typing import ClassVar

import msgspec
import numpy as np
from river._river_rust.drift import AdaptiveWindowing

from detectors.agents.profiles.profiles import Profiles, ProfilesState
from detectors.alerts.alert import Alert
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.contract.observation import Observation
from detectors.contract.snapshots import seal
from detectors.messages.outcomes import SalesDay, ShadowCount
from detectors.messages.sold import DaySold
from detectors.profiles.day_sales import day_sold
from detectors.profiles.detector_table import DetectorRow
from detectors.profiles.shift_table import ShiftRow
from tests.detectors.third_party.far_off import FarOff, FarOffDetector, State


class KnowsOnlyItsPartition(Profiles):
    """Compares agents with the colleagues of their partition."""

    def judge(
        self,
        day: Day,
        everybody: DaySold,
        null: Mapping[PatternName, ShadowCount],
        known: Collection[AgentId] | None = None,
    ) -> list[Alert]:
        del everybody
        return super().judge(day, day_sold(self._sales[day]), null, known)


class TossesByPlace(Profiles):
    """Tosses a coin for the place that an agent happens to have."""

    def judge(
        self,
        day: Day,
        everybody: DaySold,
        null: Mapping[PatternName, ShadowCount],
        known: Collection[AgentId] | None = None,
    ) -> list[Alert]:
        for watch in self._watches.values():
            places = np.arange(len(watch._names), dtype=np.uint64)  # noqa: SLF001 - to break it
            watch._identities = places  # noqa: SLF001 - as above
        return super().judge(day, everybody, null, known)


class ForgetsTheDayThatWaits(Profiles):
    """Saves no sales of days whose review has not come."""

    def snapshot(self) -> ProfilesState:
        return msgspec.structs.replace(super().snapshot(), sales={})


class ForgetsItsAlerts(Profiles):
    """Saves no open alerts."""

    def restore(self, state: ProfilesState) -> None:
        for watch in state.watches.values():
            watch.open_alerts.clear()
        super().restore(state)


class BeginsItsWindowsAnew(Profiles):
    """Saves no windows of shifts."""

    def restore(self, state: ProfilesState) -> None:
        empty = AdaptiveWindowing(delta=0.01, clock=1).__getstate__()
        for watch in state.watches.values():
            if watch.form.startswith("shift"):
                rows = [msgspec.msgpack.decode(row, type=ShiftRow) for row in watch.series]
                emptied = [msgspec.structs.replace(row, window=empty) for row in rows]
                watch.series = [msgspec.msgpack.encode(row) for row in emptied]
        super().restore(state)


class ForgetsWhereMirrorsStand(Profiles):
    """Saves no centres of the series of other detectors."""

    def restore(self, state: ProfilesState) -> None:
        for watch in state.watches.values():
            if watch.form.startswith("detector"):
                rows = [msgspec.msgpack.decode(row, type=DetectorRow) for row in watch.series]
                moved = [msgspec.structs.replace(row, mean=0.0) for row in rows]
                watch.series = [msgspec.msgpack.encode(row) for row in moved]
        super().restore(state)


class CountsTheFirstSaleTwice(Profiles):
    """Depends on the order in which sales are told."""

    def pop(self, day: Day, told: Mapping[Day, SalesDay]) -> DaySold:
        made = told[day].made if day in told else []
        return super().pop(day, {day: SalesDay([*made[:1], *made])})


class Forgetful(FarOffDetector):
    """Leaves its spread out of the snapshot."""

    def snapshot(self) -> bytes:
        return seal(self.config, "1", msgspec.structs.replace(self.state, spread=1.0))


class Sharing(FarOffDetector):
    """Learns of one agent what it says of another."""

    everyones: ClassVar[dict[FarOff, State]] = {}

    def __init__(self, config: FarOff, snapshot: bytes | None) -> None:
        super().__init__(config, snapshot)
        if snapshot is None:
            self.state = self.everyones.setdefault(config, State())


class Counting(FarOffDetector):
    """Remembers how often all of its kind were asked."""

    asked: ClassVar[list[float]] = []

    def explain_one(self, x: Observation) -> str:
        self.asked.append(x.at)
        return f"for the {len(self.asked)}th time"


def forget_what_is_shared() -> None:
    """Put the detectors back to where a process begins."""
    Sharing.everyones.clear()
    Counting.asked.clear()


MADE: dict[str, type[FarOffDetector]] = {
    made.__name__: made for made in (Forgetful, Sharing, Counting)
}


class Broken(FarOff, frozen=True, tag="broken"):
    """Builds the detector of that name."""

    how: str = "Forgetful"

    def build(self, snapshot: bytes | None = None) -> FarOffDetector:
        return MADE[self.how](self, snapshot)
