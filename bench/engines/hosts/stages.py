"""The detectors as every peer hosts them: records of events in, records of alerts out.

Nothing here knows an engine, and no engine gets a better one: what an engine adds to the cost of
these two classes is its own.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from msgspec import Struct

from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert
from detectors.basis.event_time import BEGINNING, DAY, Seconds, day_of, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.decoding import EventDecoder
from detectors.facts.account import Account
from detectors.ledger.clock import EventClock, SourceClock
from detectors.ledger.stage import Ledger
from detectors.messages.outcomes import OutcomeBundle
from detectors.peers.stage import Peers
from detectors.settings import Settings
from streams.wire.topics import EVENT_TOPICS

LEAP: Final = 2 * DAY
"""Seconds of event time after which an engine that hands over events one by one drains."""

BATCH: Final = 500
"""Events after which it does so at the latest."""

PATIENCE: Final = 0.05
"""Seconds after which it does so at the latest, if an event comes."""

AlertRecord = tuple[bytes, bytes]
"""Key and value of a record in the topic of alerts."""


class LedgerPlace(Struct):
    """What a ledger partition remembers beside its accounts."""

    clock: dict[str, SourceClock]
    watermark: Seconds
    announced: Seconds


class LedgerState(Struct):
    """All that a ledger partition remembers."""

    place: LedgerPlace
    accounts: dict[AccountId, Account]


class HostedLedger:
    """One partition of the ledger with its clock; `sources` as in `Job`."""

    def __init__(self, settings: Settings, sources: Mapping[str, str], partition: int) -> None:
        self._decoders: Final = {
            name: EventDecoder(settings.limits, EVENT_TOPICS[topic]).decode
            for topic, name in ((topic, sources[topic]) for topic in EVENT_TOPICS)
        }
        self._clock: Final = EventClock(settings.time, list(self._decoders))
        self._ledger: Final = Ledger(settings, partition)
        self._announced = BEGINNING
        self._leaps_at = BEGINNING

    def apply(self, topic: str, value: bytes) -> bool:
        """Join one event; return whether time has leaped ahead, so that draining is worth it."""
        event = self._decoders[topic](value)
        at = seconds_at(event.occurred_at)
        self._ledger.merge(event, at)
        self._clock.observe(topic, at, event.account_id)
        return at > self._leaps_at and self._clock.watermark() > self._leaps_at

    def drain(self) -> tuple[bytes | None, set[AccountId]]:
        """Move time on; give a bundle for the judges, if any, and the accounts that changed."""
        watermark = self._clock.watermark()
        self._leaps_at = watermark + LEAP
        self._ledger.advance(watermark)
        output = self._ledger.drain()
        bundle = output.bundle
        told = None
        if bundle.outcomes or bundle.days or self._is_new_day(bundle.watermark):
            self._announced = bundle.watermark
            told = msgspec.msgpack.encode(bundle)
        return told, output.changed

    def account(self, account_id: AccountId) -> bytes | None:
        """Return the durable form of one account, None when it is forgotten."""
        account = self._ledger.account(account_id)
        return None if account is None else msgspec.msgpack.encode(account)

    def place(self) -> bytes:
        """Return the durable form of what is not an account."""
        return msgspec.msgpack.encode(self._place())

    def snapshot(self) -> bytes:
        """Return everything in one piece."""
        return msgspec.msgpack.encode(LedgerState(self._place(), self._ledger.accounts()))

    def restore(self, snapshot: bytes) -> None:
        """Restore a snapshot."""
        state = msgspec.msgpack.decode(snapshot, type=LedgerState)
        self._restore(state.place, state.accounts)

    def restore_parts(self, place: bytes, accounts: Iterable[tuple[AccountId, bytes]]) -> None:
        """Restore what `place` and `account` gave."""
        decode = msgspec.msgpack.Decoder(Account).decode
        known = {account_id: decode(packed) for account_id, packed in accounts}
        self._restore(msgspec.msgpack.decode(place, type=LedgerPlace), known)

    def _restore(self, place: LedgerPlace, accounts: dict[AccountId, Account]) -> None:
        self._ledger.restore(accounts, place.watermark)
        self._clock.restore(place.clock)
        self._announced = place.announced

    def _place(self) -> LedgerPlace:
        return LedgerPlace(self._clock.snapshot(), self._ledger.watermark, self._announced)

    def _is_new_day(self, watermark: Seconds) -> bool:
        if watermark == BEGINNING:
            return False
        return self._announced == BEGINNING or day_of(watermark) > day_of(self._announced)


class HostedJudges:
    """All agents and their peers in one place."""

    def __init__(self, settings: Settings, ledgers: int) -> None:
        self._agents: Final = Agents(settings, ledger_partitions=ledgers)
        self._peers: Final = Peers(settings)
        self._decode: Final = msgspec.msgpack.Decoder(OutcomeBundle).decode

    def receive(self, bundle: bytes) -> list[AlertRecord]:
        """Take a bundle in; give the alerts that it leads to."""
        self._agents.receive(self._decode(bundle))
        alerts: list[Alert] = []
        told = self._agents.drain()
        while told.reports or told.alerts:
            alerts += told.alerts
            for report in told.reports:
                for review in self._peers.receive(report):
                    self._agents.review(review)
            told = self._agents.drain()
        return alert_records(alerts)

    def snapshot(self) -> bytes:
        """Return everything in one piece."""
        return msgspec.msgpack.encode((self._agents.snapshot(), self._peers.snapshot()))

    def restore(self, snapshot: bytes) -> None:
        """Restore a snapshot."""
        agents, peers = msgspec.msgpack.decode(snapshot, type=tuple[bytes, bytes])
        self._agents.restore(agents)
        self._peers.restore(peers)


def alert_records(alerts: Iterable[Alert]) -> list[AlertRecord]:
    """Return the records for the topic of alerts."""
    return [(alert.alert_id.encode(), msgspec.json.encode(alert)) for alert in alerts]
