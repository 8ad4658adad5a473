"""The watch over one number of each agent, for lasting changes against his own past."""

from collections.abc import Sequence
from math import exp
from typing import Final
from zlib import crc32

import numpy as np
from msgspec import Struct

from detectors.agents.null.random_keys import draw_keys
from detectors.agents.shifts.alert import ShiftAlerts, ShiftCase
from detectors.alerts.alert import Alert
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.messages.outcomes import AgentId, ShadowCount
from detectors.profiles.shift import Shift
from detectors.profiles.shift_table import SeenShift, ShiftRow

_LARGEST_LOGARITHM: Final = 700.0
"""What the logarithm of a ratio is held at, so that it stays finite."""

_DAY: Final = 0xD6E8FEB86659FD93
"""An odd number: it keeps the days of one agent apart."""

_EVEN_CHANCE: Final = 1 << 62
"""Half of all marks are smaller."""


class ShiftWatchState(Struct):
    """A `ShiftWatch` in a snapshot; cases are by the agent's place in ``agents``."""

    agents: list[AgentId]
    series: list[ShiftRow]
    cases: dict[int, ShiftCase]
    null_cases: dict[int, int]
    null_count: ShadowCount


class ShiftWatch:
    """Tells of shifts, a day at a time, and counts how many the shadow null would have told.

    The null is the same detector on each value or its mirror image at the centre of its own past,
    by the toss of a coin: what lasts is gone, and what varies from day to day is left. Agents
    permuted within a day would keep every number of sales, and so repeat each alarm. It stands and
    falls with values that lie evenly around their centre; docs/detectors.md has the figures.

    Parameters
    ----------
    name
        Of the alerts and the count.
    config
        Of the detector; values are logarithms.
    config_hash
        Identifies the settings in every alert.
    resolve_after_days
        After so many days without a further shift an alert is resolved.
    seed
        Chooses the coins; None is no shadow null.
    """

    def __init__(
        self,
        name: str,
        config: Shift,
        config_hash: str,
        resolve_after_days: float,
        seed: int | None,
    ) -> None:
        self.name: Final = name
        self._alerts: Final = ShiftAlerts(name, config_hash)
        self._resolve_after_days: Final = resolve_after_days
        self._seed: Final = None if seed is None else seed + crc32(name.encode())
        self._names: Final[list[AgentId]] = []
        self._places: Final[dict[AgentId, int]] = {}
        self._identities = np.zeros(0, np.uint64)
        self._table: Final = config.table()
        self._width: Final = 1 if seed is None else 2
        self._cases: dict[int, ShiftCase] = {}
        self._null_cases: dict[int, int] = {}
        self._null_count = ShadowCount()

    @property
    def shadow(self) -> ShadowCount | None:
        """What the shadow null of this partition has counted, or None without it."""
        return None if self._seed is None else self._null_count

    def open_alerts(self) -> int:
        """Count the open alerts."""
        return len(self._cases)

    def judge(
        self, day: int, agents: Sequence[AgentId], values: Reals, null: ShadowCount | None
    ) -> list[Alert]:
        """Take in the values of a day, of different agents; give the alerts due at its end.

        `null` is what the shadow nulls of all partitions have counted, to be told with them.
        """
        places = self._known(agents)
        if self._seed is None:
            seen = self._table.observe(day, places, values)
        else:
            marks = draw_keys(self._identities[places] + np.uint64(_DAY * day % 2**64), self._seed)
            seen = self._observe_both(day, places, values, marks < _EVEN_CHANCE)
        for shift in seen:
            self._open(day, shift.row // self._width, shift)
        return self._due(day, null)

    def snapshot(self) -> ShiftWatchState:
        """Give all of the state; it shares records with this watch: encode it at once."""
        return ShiftWatchState(
            self._names,
            [self._table.row_state(row) for row in range(len(self._table))],
            self._cases,
            self._null_cases,
            self._null_count,
        )

    def restore(self, state: ShiftWatchState) -> None:
        """Take over a state given by `snapshot`, into a watch that is still empty."""
        self._known(state.agents)
        for row, known in enumerate(state.series):
            self._table.load_row(row, known)
        self._cases, self._null_cases = state.cases, state.null_cases
        self._null_count = state.null_count

    def _known(self, agents: Sequence[AgentId]) -> Integers:
        """Give the place of each agent, making those that are new."""
        known = self._places
        try:
            places = [known[agent_id] for agent_id in agents]
        except KeyError:
            new = [agent_id for agent_id in agents if agent_id not in known]
            for agent_id in new:
                known[agent_id] = len(self._names)
                self._names.append(agent_id)
                for _ in range(self._width):
                    self._table.add()
            named = np.array([crc32(agent_id.encode()) for agent_id in new], np.uint64)
            self._identities = np.concatenate([self._identities, named << np.uint64(32)])
            places = [known[agent_id] for agent_id in agents]
        return np.array(places, np.int64)

    def _observe_both(
        self, day: int, places: Integers, values: Reals, mirrored: Booleans
    ) -> list[SeenShift]:
        """Show the values to the series and to their nulls; count the nulls, give the others."""
        series, nulls = 2 * places, 2 * places + 1
        shifts = self._table.observe(
            day,
            np.concatenate([series, nulls]),
            np.concatenate([values, values]),
            np.concatenate([np.zeros_like(mirrored), mirrored]),
        )
        alarms = 0
        for shift in shifts:
            if shift.row % 2:
                latest = self._null_cases.get(shift.row // 2)
                alarms += latest is None or day - latest >= self._resolve_after_days
                self._null_cases[shift.row // 2] = day
        judged = int(np.count_nonzero(self._table.ready(nulls)))
        known = self._null_count
        self._null_count = ShadowCount(known.alarms + alarms, known.agent_days + judged)
        return [shift for shift in shifts if not shift.row % 2]

    def _open(self, day: int, place: int, seen: SeenShift) -> None:
        ratio = exp(min(max(seen.change, -_LARGEST_LOGARITHM), _LARGEST_LOGARITHM))
        told = self._cases.get(place)
        opened_on, revision = (day, 0) if told is None else (told.opened_on, told.revision)
        self._cases[place] = ShiftCase(opened_on, day, seen.since, seen.values, ratio, revision + 1)

    def _due(self, day: int, null: ShadowCount | None) -> list[Alert]:
        due: list[Alert] = []
        for place, case in sorted(self._cases.items()):
            resolved = day - case.seen_on >= self._resolve_after_days
            if case.seen_on == day:
                due.append(self._alerts.revision(self._names[place], day, case, "open", null))
            elif resolved:
                case.revision += 1
                due.append(self._alerts.revision(self._names[place], day, case, "resolved", null))
                del self._cases[place]
        return due
