"""The ledger of keys of one partition: what is known of sales across accounts, judged in time."""

import heapq
from bisect import bisect_left
from collections.abc import Sequence
from itertools import groupby
from typing import Final

import msgspec
from msgspec import Struct, field

from detectors.basis.durations import seconds_of
from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.event_time import BEGINNING, Seconds
from detectors.basis.saved_state import read_state
from detectors.facts.mention import Mention
from detectors.facts.questions import MOST_SHARING
from detectors.keys.group import Change, Group, Identity, Shared
from detectors.keys.progress import Progress
from detectors.keys.settlement import KeySettlement
from detectors.messages.groups import bundle_with_groups
from detectors.messages.mentions import MentionBundle
from detectors.messages.outcomes import OutcomeBundle
from detectors.settings import Settings

Key = tuple[str, int]
"""A field, and the hash of its value."""

_FORGET: Final = -1
"""Stands for the number of a pattern: the sale is forgotten."""


class KeySales(Struct, array_like=True):
    """The sales under one key, in a snapshot."""

    field: str
    value: int
    sales: list[Shared]


class KeysState(Struct, tag="keys-5"):
    """All that a `Keys` remembers.

    ``time`` is how far it has come, ``waiting`` what it was told of the time after that;
    ``crowded`` as in `Keys`.
    """

    config_hash: str
    progress: Progress
    time: Seconds
    waiting: list[Mention]
    keys: list[KeySales]
    crowded: dict[str, int] = field(default_factory=dict)


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
        self._waiting: list[Mention] = []
        self._progress = Progress([BEGINNING] * ledgers)
        self.time = BEGINNING
        self.crowded: dict[str, int] = {}

    def __len__(self) -> int:
        """Count the sales remembered."""
        return sum(map(len, self._groups.values()))

    def receive(self, bundle: MentionBundle) -> None:
        """Receive a bundle of one ledger partition; one received before changes nothing."""
        ledger = bundle.ledger_partition
        if bundle.empty:
            self._progress.is_empty(ledger)
        else:
            self._waiting += bundle.mentions
            self._progress.advance(ledger, bundle.watermark)
        self._proceed(self._progress.complete_until())

    def drain(self) -> OutcomeBundle:
        """Return what became known since the last call, once."""
        outcomes = self._settlement.drain()
        return bundle_with_groups(self._sender, self.time, outcomes, {}, self._kinds)

    def snapshot(self) -> bytes:
        """Return the whole state; call it with nothing left to drain."""
        keys = [KeySales(*key, list(group)) for key, group in self._groups.items()]
        return msgspec.msgpack.encode(
            KeysState(
                self._config_hash, self._progress, self.time, self._waiting, keys, self.crowded
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
        self.crowded = state.crowded
        for saved in state.keys:
            key = (saved.field, saved.value)
            self._groups[key] = Group(saved.sales)
            for shared in saved.sales:
                self._plan(key, shared)

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
        waiting = self._waiting
        waiting.sort(key=_moment)
        taken = bisect_left(waiting, until, key=_moment)
        for known_at, mentions in groupby(waiting[:taken], key=_moment):
            # Of a ledger that was empty, or was read again in another order, some come late.
            self._take(list(mentions), max(known_at, self.time))
        del waiting[:taken]
        self._settle_before(until)
        self.time = until

    def _take(self, mentions: Sequence[Mention], now: Seconds) -> None:
        """Apply what became known at one moment, and correct what was said without it.

        What would have been forgotten by now is passed over: it was sent before.
        """
        mentions = [one for one in mentions if one.sale.at + self._remembered_for >= now]
        if any(_is_late(one, now) for one in mentions):
            self._settle_before(now)
        by_key: dict[Key, list[Mention]] = {}
        for one in mentions:
            by_key.setdefault((one.field, one.value), []).append(one)
        for key, told in by_key.items():
            late: list[Change] = []
            group = self._groups.setdefault(key, Group())
            was_crowded = len(group) > MOST_SHARING
            changes = group.apply(told)
            if len(group) > MOST_SHARING and not was_crowded:
                self.crowded[key[0]] = self.crowded.get(key[0], 0) + 1
            for change in changes:
                if change.is_new:
                    self._plan(key, change.shared)
                if change.happened_at < now:
                    late.append(change)
            if late:
                self._settle_again(key, late, now)

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
            group = self._groups[key]
            group.forget(identity)
            if not group:
                del self._groups[key]

    def _settle_again(self, key: Key, changes: Sequence[Change], now: Seconds) -> None:
        """Settle the sales that late mentions may change, if their windows have passed."""
        group, settlement = self._groups[key], self._settlement
        for index, window in enumerate(settlement.windows):
            if settlement.fields[index] == key[0]:
                passed = group.affected(changes, window, settlement.looks_back[index], now)
                settlement.settle(index, [(group, one) for one in passed], now)

    def _plan(self, key: Key, shared: Shared) -> None:
        at, identity = shared.sale.at, shared.identity
        for index, window in enumerate(self._settlement.windows):
            if self._settlement.fields[index] == key[0] and shared.sale.is_pending(index):
                heapq.heappush(self._deadlines, (Seconds(at + window), index, key, identity))
        forget_at = Seconds(at + self._remembered_for)
        heapq.heappush(self._deadlines, (forget_at, _FORGET, key, identity))


def _is_late(mention: Mention, now: Seconds) -> bool:
    """Return whether a mention tells what happened before it became known."""
    return mention.happened_at < now


def _moment(mention: Mention) -> Seconds:
    return mention.known_at
