"""The ledger of keys of one partition: what is known of sales across accounts, judged in time."""

import heapq
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec

from detectors.basis.durations import seconds_of
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import BEGINNING, Day, Seconds, day_of, end_of_day
from detectors.basis.saved_state import read_state
from detectors.facts.mention import Mention
from detectors.facts.questions import MOST_SHARING
from detectors.facts.staff.record import StaffRecord
from detectors.facts.staff.staff import Staff
from detectors.facts.traffic.touch import Touch
from detectors.facts.traffic.touches import Touches
from detectors.keys.group import Group, Identity, Shared, Span
from detectors.keys.progress import Progress
from detectors.keys.settlement import KeySettlement
from detectors.keys.state import KeySales, KeysState
from detectors.keys.waiting import Waiting, became_known
from detectors.messages.groups import bundle_with_groups
from detectors.messages.mentions import MentionBundle
from detectors.messages.merging.agents import MOST, MergedAgents
from detectors.messages.merging.renaming import renamed
from detectors.messages.outcomes import OutcomeBundle
from detectors.settings import Settings

Key = tuple[str, int]
"""A field, and the hash of its value."""

_FORGET: Final = -1
"""Stands for the number of a pattern: the sale is forgotten."""


class Keys:
    """State of all keys of one partition.

    Mentions are taken in the order of the moments at which they became known, each moment once
    every ledger of accounts has passed it: so nothing depends on how the messages of several
    ledgers are mixed, nor on how often it is drained. What is late corrects what was said.

    Parameters
    ----------
    settings
        All settings; at least one enabled pattern must look across accounts.
    partition, ledgers
        The number of this partition, and how many ledgers of accounts send to it. To the agents it
        is one more sender of outcomes, with the numbers after theirs.

    Attributes
    ----------
    time
        The event time (seconds) up to which every ledger has sent everything, and all was settled.
    crowded
        By field how many values had more sales than are looked at together (`MOST_SHARING`).
    """

    def __init__(self, settings: Settings, partition: int = 0, ledgers: int = 1) -> None:
        self._config_hash: Final = settings.config_hash
        self._kinds: Final = settings.groups.kinds
        self._sender: Final = ledgers + partition
        self._settlement: Final = KeySettlement(settings)
        self._remembered_for: Final = self._needed_for() + seconds_of(settings.time.corrections_for)
        self._groups: dict[Key, Group] = {}
        self._deadlines: list[tuple[Seconds, int, Key, Identity]] = []
        # What was told of, and the sales that look back at it.
        self._touches_kept_for: Final = self._remembered_for + max(self._settlement.looks_back)
        self._days_kept: Final[list[tuple[Seconds, Key, Day]]] = []
        self._waiting = Waiting()
        self._most_agents: Final = settings.limits.most_agents
        self._agents_known = 0
        self._progress = Progress([BEGINNING] * ledgers)
        heeded = settings.corrections.agents
        self._merged_agents: Final = MergedAgents(heeded=heeded, most=ledgers * MOST)
        self.time = BEGINNING
        self.crowded: dict[str, int] = {}

    def __len__(self) -> int:
        """Count the sales remembered."""
        return sum(map(len, self._groups.values()))

    def receive(self, bundle: MentionBundle) -> None:
        """Receive a bundle of one ledger partition; one received before changes nothing."""
        ledger = bundle.ledger_partition
        for merged in bundle.merged:
            self._merged_agents.learn(merged)
        if bundle.empty:
            self._progress.is_empty(ledger)
        else:
            self._waiting.add(bundle)
            self._progress.advance(ledger, bundle.watermark)
        self._proceed(self._progress.complete_until())

    def drain(self) -> OutcomeBundle:
        """Return what became known since the last call, once."""
        outcomes = self._settlement.drain()
        bundle = bundle_with_groups(self._sender, self.time, outcomes, {}, self._kinds)
        return renamed(bundle, (), self._merged_agents)[0]

    def snapshot(self) -> bytes:
        """Return the whole state; call it with nothing left to drain."""
        keys = [
            KeySales(*key, list(group), group.touches.days, *group.staff.known())
            for key, group in self._groups.items()
        ]
        return msgspec.msgpack.encode(
            KeysState(
                self._config_hash,
                self._progress,
                self.time,
                self._waiting,
                keys,
                merged=self._merged_agents.state,
                crowded=self.crowded,
            )
        )

    def restore(self, snapshot: bytes) -> None:
        """Restore the state that `snapshot` returned, into a stage that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If the bytes are of another kind or version, or were saved under other settings.
        """
        state = read_state(snapshot, KeysState, "a ledger of keys")
        if state.config_hash != self._config_hash:
            raise IncompatibleSnapshot(
                f"the snapshot was saved under settings {state.config_hash}, these are "
                f"{self._config_hash}: replay the source topics into fresh state"
            )
        self._progress, self.time, self._waiting = state.progress, state.time, state.waiting
        self._merged_agents.restore(state.merged)
        self.crowded = state.crowded
        for saved in state.keys:
            key = (saved.field, saved.value)
            staff = Staff(saved.contacts, saved.shifts)
            self._agents_known += bool(staff)
            self._groups[key] = Group(saved.sales, Touches(saved.touches), staff)
            for shared in saved.sales:
                self._plan(key, shared)
            for day in {*saved.touches, *saved.shifts}:
                self._plan_day(key, day)

    def _needed_for(self) -> float:
        """Return how long (seconds) before what is told a sale may lie that it can affect.

        It reaches sales one window before its own, and they look back from there. What is told may
        be a cancellation, which comes after its sale.
        """
        settlement = self._settlement
        back = max(settlement.looks_back)
        needed = max(settlement.windows) + back
        return needed + back if settlement.heeds_cancellations else needed

    def _proceed(self, until: Seconds) -> None:
        """Take every moment before `until`, and settle what is due by then."""
        if until <= self.time:
            return
        for told in self._waiting.taken(until, self.time):
            late = self._learn(told.staff, told.taken_at)
            self._take(told.mentions, told.touches, told.taken_at)
            for key, spans in late.items():
                self._settle_again(key, spans, told.taken_at)
        self._settle_before(until)
        self.time = until

    def _taken_at(self, one: Mention | Touch) -> Seconds:
        """Return the moment at which it is taken."""
        return max(one.known_at, self.time)

    def _take(self, mentions: Sequence[Mention], touches: Sequence[Touch], now: Seconds) -> None:
        """Apply what became known at one moment, and correct what was said without it.

        Or, with the beginning of time for `now`, what became known in time at several.

        What would have been forgotten by then is passed over: it was sent before.
        """
        kept_for, touches_kept_for = self._remembered_for, self._touches_kept_for
        mentions = [one for one in mentions if one.sale.at + kept_for >= self._taken_at(one)]
        touches = [
            one for one in touches if one.happened_at + touches_kept_for >= self._taken_at(one)
        ]
        happened = [one.happened_at for one in mentions] + [one.happened_at for one in touches]
        if happened and min(happened) < now:
            self._settle_before(now)
        late = self._touch(touches, now)
        by_key: dict[Key, list[Mention]] = {}
        for one in mentions:
            by_key.setdefault((one.field, one.value), []).append(one)
        for key, told in by_key.items():
            group = self._group(key)
            was_crowded = len(group) > MOST_SHARING
            moments = groupby(told, key=became_known)
            changes = [change for _, some in moments for change in group.apply(some)]
            if len(group) > MOST_SHARING and not was_crowded:
                self.crowded[key[0]] = self.crowded.get(key[0], 0) + 1
            for change in changes:
                if change.is_new:
                    self._plan(key, change.shared)
                if change.happened_at < now:
                    late.setdefault(key, []).append(change.span)
        for key, spans in late.items():
            self._settle_again(key, spans, now)

    def _learn(self, records: Sequence[StaffRecord], now: Seconds) -> dict[Key, list[Span]]:
        """Learn of agents; return what was new. What was due before is settled without it."""
        found: dict[Key, list[Span]] = {}
        if records:
            self._settle_before(now)
        for one in records:
            key = (one.field, one.value)
            group = self._groups.get(key)
            is_new = group is None or not group.staff
            if is_new and self._agents_known >= self._most_agents:
                continue
            self._agents_known += is_new
            group = self._groups.setdefault(key, Group())
            if one.shift is not None and (day := day_of(one.shift.since)) not in group.staff.shifts:
                self._plan_day(key, day)
            if one.tell(group.staff):
                found.setdefault(key, []).append(one.concerns)
        return found

    def _touch(self, touches: Sequence[Touch], now: Seconds) -> dict[Key, list[Span]]:
        """Apply what agents did; return what of it came late, by agent."""
        late: dict[Key, list[Span]] = {}
        for one in touches:
            key, at = (one.field, one.value), one.happened_at
            known, day = self._group(key).touches, day_of(at)
            if day not in known.days:
                self._plan_day(key, day)
            if known.add(one.touched) and at < now:
                late.setdefault(key, []).append((at, at))
        return late

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

    def _settle_again(self, key: Key, spans: Sequence[Span], now: Seconds) -> None:
        """Settle the sales that what came late may change, if they were due."""
        group, settlement = self._groups[key], self._settlement
        for index, window in settlement.by_field.get(key[0], ()):
            near = group.affected(spans, window, settlement.looks_back[index])
            due = [one for one in near if settlement.due_at(index, one.sale.at) < now]
            settlement.settle(index, [(group, one) for one in due], now)

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
