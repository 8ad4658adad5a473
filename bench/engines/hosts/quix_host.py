"""Quix Streams: a dataframe over the three topics of events, and one over the bundles.

State lies in its RocksDB stores with changelog topics. A function sees the state under the key of
its message only, and the verdict of an account is due at the event of another; so the key of the
source topics is read as one constant, and a partition's accounts lie side by side below it, each
in an entry of its own. Nothing is called before a checkpoint: what was joined since the last
drain (`PATIENCE` at most) is not in it. A worker could not do that; here it is in favour of this
engine.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from quixstreams import Application, State, message_context
from quixstreams.models import Deserializer, Serializer, TopicConfig

from bench.engines.hosts.job import Job, Progress
from bench.engines.hosts.stages import (
    BATCH,
    PATIENCE,
    AlertRecord,
    HostedJudges,
    HostedLedger,
)
from detectors.basis.identifiers import AccountId
from detectors.settings import Settings

_PART: Final = 500_000
_SNAPSHOT_EVERY: Final = 10.0
_LEDGER: Final = b"ledger"
_JUDGES: Final = b"judges"


class ConstantKey(Deserializer):  # type: ignore[misc] # not installed with us
    """Reads every key as the same."""

    def __call__(self, value: bytes, ctx: object) -> bytes:
        """Return the constant."""
        del value, ctx
        return _LEDGER


class SecondOfPair(Serializer):  # type: ignore[misc] # as above
    """Writes the value of a pair of key and value."""

    def __call__(self, value: tuple[bytes, bytes], ctx: object) -> bytes:
        """Return the value."""
        del ctx
        return value[1]


class Slots:
    """Which entry of the state of a partition holds which account.

    The state can be asked for a key, but not which keys it has: so they are numbers, used again
    once an account is forgotten.
    """

    def __init__(self) -> None:
        self._of: Final[dict[AccountId, int]] = {}
        self._free: Final[list[int]] = []
        self.count = 0

    def take(self, account_id: AccountId) -> int:
        """Return the entry of an account, a new one if it has none."""
        slot = self._of.get(account_id)
        if slot is None:
            if self._free:
                slot = self._free.pop()
            else:
                slot, self.count = self.count, self.count + 1
            self._of[account_id] = slot
        return slot

    def leave(self, account_id: AccountId) -> int | None:
        """Return the entry that an account no longer needs, None if it never had one."""
        slot = self._of.pop(account_id, None)
        if slot is not None:
            self._free.append(slot)
        return slot

    def restore(self, state: State, count: int) -> Iterator[tuple[AccountId, bytes]]:
        """Return every account that is in the state."""
        self.count = count
        for slot in range(count):
            packed = state.get_bytes(slot)
            if packed is None:
                self._free.append(slot)
            else:
                account_id, account = msgspec.msgpack.decode(packed, type=tuple[AccountId, bytes])
                self._of[account_id] = slot
                yield account_id, account


class LedgerStep:
    """The ledgers of all partitions, each with its state."""

    def __init__(self, job: Job) -> None:
        self._job: Final = job
        self._progress: Final = Progress(job.progress)
        self._ledgers: Final[dict[int, HostedLedger]] = {}
        self._slots: Final[dict[int, Slots]] = {}
        self._waiting: Final[dict[int, int]] = {}
        self._last: Final[dict[int, float]] = {}

    def __call__(self, value: bytes, state: State) -> list[AlertRecord]:
        """Join one event; now and then tell what became known."""
        context = message_context()
        partition = context.partition
        ledger = self._ledgers.get(partition) or self._opened(partition, state)
        leaped = ledger.apply(context.topic, value)
        self._waiting[partition] += 1
        now = time.monotonic()
        due = leaped or self._waiting[partition] >= BATCH
        if not due and now - self._last[partition] < PATIENCE:
            return []
        self._progress.add(self._waiting[partition])
        self._waiting[partition], self._last[partition] = 0, now
        return self._drain(partition, state)

    def _drain(self, partition: int, state: State) -> list[AlertRecord]:
        ledger, slots = self._ledgers[partition], self._slots[partition]
        bundle, changed = ledger.drain()
        for account_id in changed:
            account = ledger.account(account_id)
            if account is not None:
                entry = msgspec.msgpack.encode((account_id, account))
                state.set_bytes(slots.take(account_id), entry)
            elif (slot := slots.leave(account_id)) is not None:
                state.delete(slot)
        state.set_bytes("place", ledger.place())
        state.set("slots", slots.count)
        return [] if bundle is None else [(_JUDGES, bundle)]

    def _opened(self, partition: int, state: State) -> HostedLedger:
        ledger, slots = HostedLedger(Settings(), self._job.sources, partition), Slots()
        place = state.get_bytes("place")
        if place is not None:
            ledger.restore_parts(place, slots.restore(state, state.get("slots", 0)))
        self._ledgers[partition], self._slots[partition] = ledger, slots
        self._waiting[partition], self._last[partition] = 0, 0.0
        return ledger


class JudgesStep:
    """Agents and peers: a snapshot now and then, and the bundles since."""

    def __init__(self, ledgers: int) -> None:
        self._ledgers: Final = ledgers
        self._judges: HostedJudges | None = None
        self._since = 0
        self._last = time.monotonic()

    def __call__(self, value: bytes, state: State) -> list[AlertRecord]:
        """Judge one bundle."""
        judges = self._judges or self._opened(state)
        alerts = judges.receive(value)
        now = time.monotonic()
        if now - self._last < _SNAPSHOT_EVERY:
            state.set_bytes(f"since/{self._since}", value)
            self._since += 1
        else:
            self._write(judges, state)
            self._last = now
        return alerts

    def _write(self, judges: HostedJudges, state: State) -> None:
        snapshot = judges.snapshot()
        parts = range(0, len(snapshot), _PART)
        for number, start in enumerate(parts):
            state.set_bytes(f"part/{number}", snapshot[start : start + _PART])
        state.set("parts", len(parts))
        for number in range(self._since):
            state.delete(f"since/{number}")
        self._since = 0

    def _opened(self, state: State) -> HostedJudges:
        self._judges = HostedJudges(Settings(), self._ledgers)
        parts = state.get("parts")
        if parts is not None:
            found = [state.get_bytes(f"part/{number}", b"") for number in range(parts)]
            self._judges.restore(b"".join(found))
        for bundle in _until_missing(state):
            self._judges.receive(bundle)
            self._since += 1
        return self._judges


def _until_missing(state: State) -> Iterator[bytes]:
    number = 0
    while (bundle := state.get_bytes(f"since/{number}")) is not None:
        yield bundle
        number += 1


def application(job: Job) -> Application:
    """Return the whole of it."""
    app = Application(
        job.broker,
        consumer_group=job.run,
        auto_offset_reset="earliest",
        commit_interval=2.0,
        state_dir=Path(job.folder) / "state",
        loglevel="WARNING",
        auto_create_topics=True,
        producer_extra_config={"acks": "all", "linger.ms": 5},
        consumer_poll_timeout=0.1,
        # It asks for the offsets of partitions one by one, behind fetches that wait for events.
        consumer_extra_config={"fetch.wait.max.ms": 50},
    )
    alerts = app.topic(job.alerts, value_serializer=SecondOfPair())
    outcomes = app.topic(
        f"{job.run}-outcomes",
        value_deserializer="bytes",
        value_serializer=SecondOfPair(),
        config=TopicConfig(num_partitions=1, replication_factor=1),
    )
    first, *others = [
        app.dataframe(app.topic(name, key_deserializer=ConstantKey(), value_deserializer="bytes"))
        for name in job.sources.values()
    ]
    for other in others:
        first = first.concat(other)
    told = first.apply(LedgerStep(job), stateful=True, expand=True)
    told.to_topic(outcomes, key=_first)
    bundles = app.dataframe(outcomes)
    judged = bundles.apply(JudgesStep(job.partitions), stateful=True, expand=True)
    judged.to_topic(alerts, key=_first)
    return app


def _first(pair: AlertRecord) -> bytes:
    return pair[0]


if __name__ == "__main__":
    application(Job.of_this_process()).run()
