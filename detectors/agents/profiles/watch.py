"""The watch over one profile: the daily numbers of each agent, shown to their detectors."""

from collections.abc import Iterable, Sequence
from typing import Final
from zlib import crc32

import numpy as np
from msgspec import Struct

from detectors.agents.null.null_rows import NO_ROW, NullRows
from detectors.agents.null.random_keys import draw_keys
from detectors.agents.profiles.alert import ProfileAlerts
from detectors.agents.profiles.open_alert import OpenProfileAlert
from detectors.alerts.alert import Alert, Status
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import Day
from detectors.basis.identifiers import AgentId, PatternName
from detectors.evidence.arrays import Booleans, Integers, Reals
from detectors.messages.outcomes import ShadowCount
from detectors.profiles.detector_table import series_table
from detectors.profiles.profile import Profile
from detectors.profiles.series_table import Strange

_DAY: Final = 0xD6E8FEB86659FD93
"""An odd number: it keeps the days of one agent apart."""

_EVEN_CHANCE: Final = 1 << 62
"""Half of all marks are smaller."""


class ProfileWatchState(Struct):
    """A `ProfileWatch` in a snapshot.

    ``form`` is that of the rows in ``series``; the open alerts, and the days on which the null
    found something last, are by the agent's place in ``agents``.
    """

    form: str
    agents: list[AgentId]
    series: list[bytes]
    open_alerts: dict[int, OpenProfileAlert]
    null_seen_on: dict[int, Day]
    null_count: ShadowCount


class ProfileWatch:
    """Tells what is found strange, a day at a time, and counts what the shadow null finds so.

    The null is the same detector on each value or its mirror image at the centre of its own past,
    by the toss of a coin: what lasts is gone, and what varies from day to day is left. Agents
    permuted within a day would keep every number of sales, and so repeat each alarm. It stands and
    falls with values that lie evenly around their centre; docs/detectors.md has the figures.

    Parameters
    ----------
    name
        Of the profile, and so of the alerts and the count.
    profile
        What is watched, and by which detector.
    config_hash
        Identifies the settings in every alert.
    resolve_after_days
        After so many days without a further strange one an alert is resolved.
    seed
        Chooses the coins; None is no shadow null.
    one_in
        One agent in how many is judged by the shadow null.
    """

    def __init__(
        self,
        name: PatternName,
        profile: Profile,
        config_hash: str,
        resolve_after_days: float,
        seed: int | None,
        one_in: int = 1,
    ) -> None:
        self._alerts: Final = ProfileAlerts(name, profile, config_hash)
        self._resolve_after_days: Final = resolve_after_days
        self._seed: Final = None if seed is None else seed + crc32(name.encode())
        self._null_rows: Final = NullRows(seed or 0, one_in)
        self._names: Final[list[AgentId]] = []
        self._places: Final[dict[AgentId, int]] = {}
        self._identities = np.zeros(0, np.uint64)
        self._table: Final = series_table(profile.detector)
        self._width: Final = 1 if seed is None else 2
        self._open: dict[int, OpenProfileAlert] = {}
        self._over: frozenset[AgentId] = frozenset()
        self._null_seen_on: dict[int, Day] = {}
        self._null_count = ShadowCount()

    @property
    def shadow(self) -> ShadowCount | None:
        """What the shadow null of this partition has counted, or None without it."""
        return None if self._seed is None else self._null_count

    def open_alerts(self) -> int:
        """Count the open alerts."""
        return len(self._open)

    def end(self, agents: Iterable[AgentId]) -> None:
        """Let the open alerts about some agents end with the day that is judged next."""
        self._over = frozenset(agents)

    def judge(
        self, day: Day, agents: Sequence[AgentId], values: Reals, null: ShadowCount | None
    ) -> list[Alert]:
        """Receive the values of a day, of different agents; return the alerts due at its end.

        `null` is what the shadow nulls of all partitions have counted, to be emitted with them.
        """
        places = self._known(agents)
        if self._seed is None:
            found = self._table.observe(day, places, values)
        else:
            marks = draw_keys(self._identities[places] + np.uint64(_DAY * day % 2**64), self._seed)
            found = self._observe_both(day, places, values, marks < _EVEN_CHANCE)
        for strange in found:
            place = strange.row // self._width
            self._open.setdefault(place, OpenProfileAlert(day, day, day)).see(day, strange)
        return self._due(day, null)

    def snapshot(self) -> ProfileWatchState:
        """Return all of the state; it shares records with this watch: encode it at once."""
        return ProfileWatchState(
            self._table.form,
            self._names,
            [self._table.row_state(row) for row in range(len(self._table))],
            self._open,
            self._null_seen_on,
            self._null_count,
        )

    def restore(self, state: ProfileWatchState) -> None:
        """Restore a state given by `snapshot`, into a watch that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If the detectors cannot read what was saved: another version of them wrote it.

        """
        if state.form != self._table.form:
            raise IncompatibleSnapshot(
                f"a snapshot of the form {state.form!r}, not {self._table.form!r}"
            )
        self._known(state.agents)
        for row, known in enumerate(state.series):
            self._table.load_row(row, known)
        self._open, self._null_seen_on = state.open_alerts, state.null_seen_on
        self._null_count = state.null_count

    def _known(self, agents: Sequence[AgentId]) -> Integers:
        """Return the place of each agent, making those that are new."""
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
        self, day: Day, places: Integers, values: Reals, mirrored: Booleans
    ) -> list[Strange]:
        """Show the values to the series and to their nulls; count the nulls, return the others."""
        chosen = self._null_rows.of(self._names)[places] != NO_ROW
        series, nulls = 2 * places, 2 * places[chosen] + 1
        found = self._table.observe(
            day,
            np.concatenate([series, nulls]),
            np.concatenate([values, values[chosen]]),
            np.concatenate([np.zeros_like(mirrored), mirrored[chosen]]),
        )
        ready = self._table.ready(nulls)
        judged = set(nulls[ready].tolist()) if found else ()
        alarms = 0
        for strange in found:
            if strange.row in judged:
                alarms += self._is_alarm(day, strange.row // 2)
        known = self._null_count
        self._null_count = ShadowCount(
            known.alarms + alarms, known.agent_days + int(np.count_nonzero(ready))
        )
        return [strange for strange in found if not strange.row % 2]

    def _is_alarm(self, day: Day, place: int) -> bool:
        """Note that the null found something; return whether an alert would have been opened."""
        latest = self._null_seen_on.get(place)
        self._null_seen_on[place] = day
        return latest is None or day - latest >= self._resolve_after_days

    def _due(self, day: Day, null: ShadowCount | None) -> list[Alert]:
        due: list[Alert] = []
        for place, alert in sorted(self._open.items()):
            decided = self._names[place] in self._over
            is_over = decided or alert.is_over(day, self._resolve_after_days)
            if alert.is_due(day) or is_over:
                alert.mark_emitted()
                status: Status = "resolved" if is_over else "open"
                due.append(self._alerts.revision(self._names[place], day, alert, status, null))
            if is_over:
                del self._open[place]
        self._over = frozenset()
        return due
