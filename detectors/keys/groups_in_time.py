"""The sales under all keys, and what is due when: judged, judged again, and forgotten."""

import heapq
from collections.abc import Iterable, Sequence
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.event_time import Day, Seconds, end_of_day
from detectors.keys.group import Group, Identity, Shared, Span
from detectors.keys.settlement import KeySettlement
from detectors.settings import Settings

Key = tuple[str, int]
"""A field, and the hash of its value."""


_FORGET: Final = -1
"""Stands for the number of a pattern: the sale is forgotten."""


class GroupsInTime:
    """The groups of sales of one ledger of keys, each sale settled when it is due, then forgotten.

    Parameters
    ----------
    settings
        All settings; at least one enabled pattern must look across accounts.
    """

    def __init__(self, settings: Settings) -> None:
        self._settlement: Final = KeySettlement(settings)
        self._corrections_for: Final = seconds_of(settings.time.corrections_for)
        self._remembered_for: Final = self._needed_for() + self._corrections_for
        self._groups: dict[Key, Group] = {}
        self._agents_known = 0
        self._deadlines: Final[list[tuple[Seconds, int, Key, Identity]]] = []
        # What was told of, and the sales that look back at it.
        self._touches_kept_for: Final = self._remembered_for + max(self._settlement.looks_back)
        self._days_kept: Final[list[tuple[Seconds, Key, Day]]] = []

    def __len__(self) -> int:
        """Count the sales remembered."""
        return sum(map(len, self._groups.values()))

    def _needed_for(self) -> float:
        """Return how long (seconds) before what is told a sale may lie that it can affect.

        It reaches sales one window before its own, and they look back from there. What is told may
        be a cancellation, which comes after its sale.
        """
        settlement = self._settlement
        back = max(settlement.looks_back)
        needed = max(settlement.windows) + back
        return needed + back if settlement.heeds_cancellations else needed

    def _group(self, key: Key) -> Group:
        """Return the sales under a value, whether there were any until now or not."""
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Group()
        return group

    def _settle_before(self, until: Seconds) -> None:
        """Settle and forget what is due, as far as a moment."""
        due: dict[int, list[tuple[Group, Shared]]] = {}
        forgotten: list[tuple[Key, Identity]] = []
        while self._deadlines and self._deadlines[0][0] < until:
            _, index, key, identity = heapq.heappop(self._deadlines)
            group = self._groups.get(key)
            shared = None if group is None else group.get(identity)
            if group is None or shared is None:
                continue
            if index == _FORGET:
                forgotten.append((key, identity))
            elif shared.sale.is_pending(index):
                due.setdefault(index, []).append((group, shared))
        for index in sorted(due):
            self._settlement.settle(index, due[index])
        for key, identity in forgotten:
            self._groups[key].forget(identity)
            self._drop_if_empty(key)
        while self._days_kept and self._days_kept[0][0] < until:
            _, key, day = heapq.heappop(self._days_kept)
            if key in self._groups:
                group = self._groups[key]
                group.touches.forget(day)
                self._agents_known -= group.staff.forget(day)
                self._drop_if_empty(key)

    def _drop_if_empty(self, key: Key) -> None:
        group = self._groups[key]
        if not (group or group.touches or group.staff):
            del self._groups[key]

    def _settle_again(
        self, key: Key, spans: Sequence[Span], now: Seconds, asking: Iterable[tuple[int, float]]
    ) -> None:
        """Settle the sales that what came late may change, if they were due."""
        group = self._groups[key]
        for index, window in asking:
            near = self._near(group, spans, index, window, now)
            self._settlement.settle(index, [(group, one) for one in near], now)

    def _near(
        self, group: Group, spans: Iterable[Span], index: int, window: float, now: Seconds
    ) -> list[Shared]:
        """Return the sales that something may affect, as far as they were due for a pattern."""
        settlement = self._settlement
        near = group.affected(spans, window, settlement.looks_back[index])
        return [one for one in near if settlement.due_at(index, one.sale.at) < now]

    def _plan_day(self, key: Key, day: Day) -> None:
        kept_until = Seconds(end_of_day(day) + self._touches_kept_for)
        heapq.heappush(self._days_kept, (kept_until, key, day))

    def _plan(self, key: Key, shared: Shared) -> None:
        at, identity, settlement = shared.sale.at, shared.identity, self._settlement
        for index, _ in settlement.by_field.get(key[0], ()):
            if shared.sale.is_pending(index):
                due_at = settlement.due_at(index, at)
                heapq.heappush(self._deadlines, (due_at, index, key, identity))
        forget_at = Seconds(at + self._remembered_for)
        heapq.heappush(self._deadlines, (forget_at, _FORGET, key, identity))
