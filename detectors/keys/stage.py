"""The ledger of keys of one partition: what is known of sales across accounts, judged in time."""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import BEGINNING, Seconds, day_of
from detectors.basis.saved_state import read_state
from detectors.facts.asked.hours import Hours
from detectors.facts.asked.own_contacts import OwnContacts
from detectors.facts.asked.traffic import Traffic
from detectors.facts.mention import Mention
from detectors.facts.questions import MOST_SHARING
from detectors.facts.staff.record import StaffRecord
from detectors.facts.staff.staff import Staff
from detectors.facts.traffic.touch import Touch
from detectors.facts.traffic.touches import Touches
from detectors.keys.group import ROUNDING, Group, Span
from detectors.keys.groups_in_time import GroupsInTime, Key
from detectors.keys.progress import Progress
from detectors.keys.settlement import AboutAgents
from detectors.keys.state import KeySales, KeysState
from detectors.keys.waiting import Waiting, became_known
from detectors.messages.groups import bundle_with_groups
from detectors.messages.mentions import MentionBundle
from detectors.messages.merging.agents import MOST, MergedAgents
from detectors.messages.merging.renaming import renamed
from detectors.messages.outcomes import OutcomeBundle
from detectors.settings import Settings

Concerned = dict[tuple[Key, AboutAgents], list[Span]]
"""Of which agents something became known, who asks for it, and between which times it concerns."""


class Keys(GroupsInTime):
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
        super().__init__(settings)
        self._config_hash: Final = settings.config_hash
        self._kinds: Final = settings.groups.kinds
        self._sender: Final = ledgers + partition
        self._waiting = Waiting()
        self._most_agents: Final = settings.limits.most_agents
        self._progress = Progress([BEGINNING] * ledgers)
        heeded = settings.corrections.agents
        self._merged_agents: Final = MergedAgents(heeded=heeded, most=ledgers * MOST)
        self.time = BEGINNING
        self.crowded: dict[str, int] = {}

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

    def _proceed(self, until: Seconds) -> None:
        """Take every moment before `until`, and settle what is due by then."""
        if until <= self.time:
            return
        for told in self._waiting.taken(until, self.time):
            late = self._learn(told.staff, told.taken_at)
            self._take(told.mentions, told.touches, told.taken_at)
            self._settle_concerned(late, told.taken_at)
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
        late_touches = self._touch(touches, now)
        late: dict[Key, list[Span]] = {}
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
            self._settle_again(key, spans, now, self._settlement.by_field.get(key[0], ()))
        self._settle_concerned(late_touches, now)

    def _learn(self, records: Sequence[StaffRecord], now: Seconds) -> Concerned:
        """Learn of agents; return what was new. What was due before is settled without it."""
        found: Concerned = {}
        self._make_room(len(records), now)
        for one in records:
            self._settle_without(one, now)
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
                found.setdefault((key, _asked_of(one)), []).append(one.concerns)
        return found

    def _make_room(self, number: int, now: Seconds) -> None:
        """Forget whom nobody asks about any more, if there may be no room for so many agents."""
        if self._agents_known + number > self._most_agents:
            self._settle_before(now)

    def _settle_without(self, record: StaffRecord, now: Seconds) -> None:
        """Settle what was due before a record that it may concern.

        A shift is told every day of everybody, and concerns a few sales of one agent: all others
        wait, and are settled together. What is to be forgotten must be gone only if it is near a
        sale that may be settled again.
        """
        key = (record.field, record.value)
        is_recent = record.concerns[0] - ROUNDING >= now - self._corrections_for
        if not is_recent:
            self._settle_before(now)
        elif (group := self._groups.get(key)) is not None:
            for index, window in self._settlement.of_agents[_asked_of(record)]:
                near = self._near(group, [record.concerns], index, window, now)
                pending = [(group, one) for one in near if one.sale.is_pending(index)]
                self._settlement.settle(index, pending)

    def _touch(self, touches: Sequence[Touch], now: Seconds) -> Concerned:
        """Apply what agents did; return what of it came late, by agent."""
        late: Concerned = {}
        for one in touches:
            key, at = (one.field, one.value), one.happened_at
            known, day = self._group(key).touches, day_of(at)
            if day not in known.days:
                self._plan_day(key, day)
            if known.add(one.touched) and at < now:
                late.setdefault((key, Traffic), []).append((at, at))
        return late

    def _settle_concerned(self, concerned: Concerned, now: Seconds) -> None:
        """Settle again the sales that what became known of agents may change, if they were due."""
        for (key, asked), spans in concerned.items():
            self._settle_again(key, spans, now, self._settlement.of_agents[asked])


def _asked_of(record: StaffRecord) -> AboutAgents:
    """Return the question that a record of an agent answers."""
    return OwnContacts if record.shift is None else Hours
