"""The three stages over partitions, as a host with a log for every channel would run them.

Everything a host may do, this one does at random: read and deliver in any interleaving that keeps
each channel's order, drain a stage whenever it likes, deliver again what it has delivered, and
lose a process between any two steps of saving its state.
"""

from collections.abc import Callable, Collection, Sequence
from functools import partial
from random import Random
from typing import Final

import msgspec

from detectors.agents.stage import Agents
from detectors.basis.event_time import BEGINNING, Seconds, seconds_at
from detectors.basis.identifiers import AccountId
from detectors.events.event import AgentMerged, AnyEvent
from detectors.facts.account import Account
from detectors.keys.stage import Keys
from detectors.ledger.clock import EventClock, SourceClock
from detectors.ledger.output import LedgerOutput
from detectors.ledger.stage import Ledger
from detectors.messages.mentions import MentionBundle
from detectors.messages.merging.agents import MergedAgent
from detectors.messages.outcomes import DayReport, DayReview, OutcomeBundle, SalesDay
from detectors.peers.stage import Peers
from detectors.settings import Settings
from tests.detectors.channels import ActionLog, AlertLog, Channel, Message, copied, place_of
from tests.detectors.worlds import END, SETTINGS

SavedAccounts = dict[AccountId, bytes]


class LedgerProcess:
    """A ledger over its part of the log, and what of it survives a crash."""

    def __init__(
        self,
        number: int,
        events: Sequence[AnyEvent],
        channels: Sequence[Channel[OutcomeBundle]],
        alerts: AlertLog,
        ledger_type: type[Ledger],
        mentions: Sequence[Channel[MentionBundle]],
        settings: Settings,
    ) -> None:
        self._settings: Final = settings
        self._mentions: Final = mentions
        self._number: Final = number
        self.events: Final = events
        self._channels: Final = channels
        self._alerts: Final = alerts
        self._ledger_type: Final = ledger_type
        self._saved_accounts: SavedAccounts = {}
        self._saved_head: tuple[Seconds, bytes, bytes] | None = None
        self._committed = 0
        self.begin()

    def begin(self) -> None:
        """Start from what was saved."""
        self.ledger = self._ledger_type(self._settings, self._number)
        self._clock = EventClock(self._settings.time, ("events",))
        self.position = self._committed
        if self._saved_head is not None:
            watermark, clock, merged = self._saved_head
            known = msgspec.msgpack.decode(merged, type=list[MergedAgent])
            self.ledger.merged_agents.restore(known)
            self._clock.restore(msgspec.msgpack.decode(clock, type=dict[str, SourceClock]))
        else:
            watermark = BEGINNING
        accounts = {
            account_id: msgspec.msgpack.decode(saved, type=Account)
            for account_id, saved in self._saved_accounts.items()
        }
        self.ledger.restore(accounts, watermark)

    def read(self, count: int) -> None:
        """Apply the next events of the log."""
        for event in self.events[self.position : self.position + count]:
            self.ledger.apply(event)
            at = seconds_at(event.occurred_at)
            self._clock.observe("events", at, event.account_id)
            self.ledger.advance(self._clock.watermark())
            self.position += 1

    def flush(self, random: Random, *, crash: bool) -> None:
        """Send, then save, then commit; a crash comes between two of these steps."""
        output = self.ledger.drain()
        sent = self._to_agents(output.bundle) + self._to_keys(output)
        steps: list[tuple[str, object]] = [("send", number) for number in range(len(sent))]
        changed = sorted(output.changed)
        steps += [("save", account_id) for account_id in changed]
        survived = random.randrange(len(steps) + 2) if crash else len(steps) + 2
        for number, send in enumerate(sent[:survived]):
            send(2 if survived > number + 1 else random.randrange(3))
        saved = dict(self._saved_accounts)
        for account_id in changed[: max(0, survived - len(sent))]:
            account = self.ledger.account(account_id)
            if account is not None:
                saved[account_id] = msgspec.msgpack.encode(account)
        if survived > len(steps):
            # The head names what was saved: without it, accounts would know less of the past than
            # the events that are read again, as soon as they had forgotten some of it.
            self._saved_accounts = saved
            clock = msgspec.msgpack.encode(self._clock.snapshot())
            merged = msgspec.msgpack.encode(self.ledger.merged_agents.state)
            self._saved_head = (self.ledger.watermark, clock, merged)
            self._committed = self.position
        if survived > len(steps) + 1:
            for account_id in changed:
                if self.ledger.account(account_id) is None:
                    self._saved_accounts.pop(account_id, None)
        if crash:
            self.begin()

    def announce_empty(self) -> None:
        """Send to everybody that there was nothing here until now."""
        for channel in self._channels:
            channel.append(OutcomeBundle(self._number, BEGINNING, empty=True))
        for mentions in self._mentions:
            mentions.append(MentionBundle(self._number, BEGINNING, empty=True))

    def _to_agents(self, bundle: OutcomeBundle) -> list[Callable[[int], None]]:
        """Return for each agents partition what sends so many parts of its share."""
        return [
            partial(_send, channel, _share(bundle, place, len(self._channels)))
            for place, channel in enumerate(self._channels)
        ]

    def _to_keys(self, output: LedgerOutput) -> list[Callable[[int], None]]:
        """Return the same for each partition of the keys."""
        sends: list[Callable[[int], None]] = []
        for place, channel in enumerate(self._mentions):
            own = [one for one in output.mentions if one.value % len(self._mentions) == place]
            touches = [one for one in output.touches if one.value % len(self._mentions) == place]
            staff = [one for one in output.staff if one.value % len(self._mentions) == place]
            half = len(own) // 2
            first = MentionBundle(
                self._number, BEGINNING, own[:half], touches=touches, merged=output.merged
            )
            last = MentionBundle(self._number, output.bundle.watermark, own[half:], staff=staff)
            sends.append(partial(_send, channel, [first, last]))
        return sends


def _send(channel: Channel[Message], parts: list[Message], number: int) -> None:
    channel.extend(parts[:number])


def _share(bundle: OutcomeBundle, place: int, number: int) -> list[OutcomeBundle]:
    """Cut what one of the agents partitions has to know; only the last part moves the watermark."""
    outcomes = [o for o in bundle.outcomes if place_of(o.agent_id, number) == place]
    days = {day: _part(sales, place, number) for day, sales in bundle.days.items()}
    groups = {
        kind: [o for o in own if place_of(o.agent_id, number) == place]
        for kind, own in bundle.groups.items()
    }
    contested = [one for one in bundle.contested if place_of(one.agent_id, number) == place]
    half = len(outcomes) // 2
    first = {kind: own[1::2] for kind, own in groups.items()}
    rest = {kind: own[::2] for kind, own in groups.items()}
    ledger, until, seen = bundle.ledger_partition, bundle.watermark, bundle.seen
    own = [f for f in bundle.findings if place_of(f.account_id, number) == place]
    part = len(own) // 2
    disputes = [d for d in bundle.disputes if place_of(d.account_id, number) == place]
    commissions = [one for one in bundle.commissions if place_of(one.account_id, number) == place]
    started = [one for one in bundle.started if place_of(one.agent_id, number) == place]
    return [
        OutcomeBundle(ledger, BEGINNING, outcomes[:half], groups=first, findings=own[:part]),
        OutcomeBundle(
            ledger,
            until,
            outcomes[half:],
            days,
            groups=rest,
            contested=contested,
            seen=seen,
            findings=own[part:],
            disputes=disputes,
            commissions=commissions,
            started=started,
        ),
    ]


def _part(sales: SalesDay, place: int, number: int) -> SalesDay:
    return SalesDay(
        [made for made in sales.made if place_of(made.agent_id, number) == place],
        {
            name: [end for end in ended if place_of(end.agent_id, number) == place]
            for name, ended in sales.ended.items()
        },
        {
            kind: {name: count for name, count in counts.items() if place_of(name, number) == place}
            for kind, counts in sales.groups.items()
        },
    )


class KeysProcess:
    """A partition of the keys, and what of it survives a crash."""

    def __init__(
        self,
        number: int,
        mentions: Sequence[Channel[MentionBundle]],
        channels: Sequence[Channel[OutcomeBundle]],
        keys_type: type[Keys],
        settings: Settings,
    ) -> None:
        self.mentions: Final = mentions
        self._channels: Final = channels
        self._new: Final = partial(keys_type, settings, number, len(mentions))
        self._saved: bytes | None = None
        self._positions = [0] * len(mentions)
        self.keys = self._new()

    def deliver(self, random: Random, channel: int, *, repeats: bool = True) -> bool:
        """Receive a message; return whether there was one."""
        bundle = self.mentions[channel].pop_one(random, repeats=repeats)
        if bundle is None:
            return False
        self.keys.receive(copied(bundle))
        output = self.keys.drain()
        for place, agents in enumerate(self._channels):
            agents.extend(_share(output, place, len(self._channels)))
        return True

    def save(self) -> None:
        self._saved = self.keys.snapshot()
        self._positions = [mentions.delivered for mentions in self.mentions]

    def crash(self) -> None:
        self.keys = self._new()
        if self._saved is not None:
            self.keys.restore(self._saved)
        for mentions, position in zip(self.mentions, self._positions, strict=True):
            mentions.delivered = position


class AgentsProcess:
    """An agents partition, and what of it survives a crash."""

    def __init__(
        self,
        number: int,
        bundles: Sequence[Channel[OutcomeBundle]],
        reports: Channel[DayReport],
        alerts: AlertLog,
        agents_type: type[Agents],
        settings: Settings,
    ) -> None:
        self._settings: Final = settings
        self._number: Final = number
        self.bundles: Final = bundles
        self.reviews: Final = Channel[DayReview]()
        self._reports: Final = reports
        self._alerts: Final = alerts
        self._agents_type: Final = agents_type
        self.actions: Final = ActionLog()
        self._saved: bytes | None = None
        self._positions = [0] * len(bundles)
        self._reviewed = 0
        self.agents = self._new()

    def _new(self) -> Agents:
        return self._agents_type(self._settings, self._number, len(self.bundles))

    def deliver(self, random: Random, channel: int, *, repeats: bool = True) -> bool:
        """Receive a message; return whether there was one."""
        if channel < len(self.bundles):
            bundle = self.bundles[channel].pop_one(random, repeats=repeats)
            if bundle is None:
                return False
            self.agents.receive(copied(bundle))
        else:
            review = self.reviews.pop_one(random, repeats=repeats)
            if review is None:
                return False
            self.agents.review(copied(review))
        output = self.agents.drain()
        self._alerts.ask(output.requests)
        self._reports.extend(output.reports)
        self._alerts.emit(output.alerts)
        self.actions.emit(output.commissions)
        return True

    def save(self) -> None:
        self._saved = self.agents.snapshot()
        self._positions = [bundles.delivered for bundles in self.bundles]
        self._reviewed = self.reviews.delivered

    def crash(self) -> None:
        self.agents = self._new()
        if self._saved is not None:
            self.agents.restore(self._saved)
        for bundles, position in zip(self.bundles, self._positions, strict=True):
            bundles.delivered = position
        self.reviews.delivered = self._reviewed


class PeersProcess:
    """The peers stage, and what of it survives a crash."""

    def __init__(
        self,
        reports: Sequence[Channel[DayReport]],
        reviews: Sequence[Channel[DayReview]],
        settings: Settings,
    ) -> None:
        self._settings: Final = settings
        self.reports: Final = reports
        self._reviews: Final = reviews
        self._saved: bytes | None = None
        self._positions = [0] * len(reports)
        self.peers = Peers(settings, len(reports))

    def deliver(self, random: Random, channel: int, *, repeats: bool = True) -> bool:
        report = self.reports[channel].pop_one(random, repeats=repeats)
        if report is None:
            return False
        for review in self.peers.receive(copied(report)):
            for reviews in self._reviews:
                reviews.append(review)
        return True

    def save(self) -> None:
        self._saved = self.peers.snapshot()
        self._positions = [channel.delivered for channel in self.reports]

    def crash(self) -> None:
        self.peers = Peers(self._settings, len(self.reports))
        if self._saved is not None:
            self.peers.restore(self._saved)
        for channel, position in zip(self.reports, self._positions, strict=True):
            channel.delivered = position


def places_of(event: AnyEvent, partitions: int) -> Collection[int]:
    """Return the partitions that an event is in: what is about an agent is in all of them."""
    if isinstance(event, AgentMerged):
        return range(partitions)
    return (place_of(event.account_id, partitions),)


class Installation:
    """All processes over one log, and the alerts they emit."""

    def __init__(
        self,
        events: Sequence[AnyEvent],
        partitions: int,
        ledger_type: type[Ledger] = Ledger,
        agents_type: type[Agents] = Agents,
        settings: Settings = SETTINGS,
        keys_type: type[Keys] = Keys,
    ) -> None:
        numbers = range(partitions)
        self.alerts: Final = AlertLog()
        bundles = [[Channel[OutcomeBundle]() for _ in numbers] for _ in range(2 * partitions)]
        mentions = [[Channel[MentionBundle]() for _ in numbers] for _ in numbers]
        reports = [Channel[DayReport]() for _ in numbers]
        self.ledgers: Final = [
            LedgerProcess(
                number,
                [event for event in events if number in places_of(event, partitions)],
                bundles[number],
                self.alerts,
                ledger_type,
                mentions[number],
                settings,
            )
            for number in numbers
        ]
        self.keys: Final = [
            KeysProcess(
                number,
                [mentions[ledger][number] for ledger in numbers],
                bundles[partitions + number],
                keys_type,
                settings,
            )
            for number in numbers
        ]
        self.agents: Final = [
            AgentsProcess(
                number,
                [sender[number] for sender in bundles],
                reports[number],
                self.alerts,
                agents_type,
                settings,
            )
            for number in numbers
        ]
        self.peers: Final = PeersProcess(
            reports, [process.reviews for process in self.agents], settings
        )

    def run(
        self,
        random: Random,
        *,
        crashes: bool = False,
        until: Seconds = END,
        empty: Collection[int] = (),
    ) -> None:
        """Run random steps until the log is read, then deliver everything.

        The ledgers that are `empty` have no events, and say so now and then and in the end.
        """
        while any(ledger.position < len(ledger.events) for ledger in self.ledgers):
            self._step(random, crashes=crashes)
            if empty and random.random() < 0.1:
                self.ledgers[random.choice(list(empty))].announce_empty()
        for number, ledger in enumerate(self.ledgers):
            if number not in empty:
                ledger.ledger.advance(until)
                ledger.flush(random, crash=False)
        places = self._places()
        while sum(process.deliver(random, n, repeats=False) for process, n in places):
            pass
        # Twice: the agents believe an empty ledger up to where the keys are by then, too.
        for number in [*empty, *empty]:
            self.ledgers[number].announce_empty()
            while sum(process.deliver(random, n, repeats=False) for process, n in places):
                pass

    @property
    def actions(self) -> ActionLog:
        """What became of commissions, of all partitions."""
        log = ActionLog()
        for process in self.agents:
            log.join(process.actions)
        return log

    def _places(self) -> list[tuple[AgentsProcess | KeysProcess | PeersProcess, int]]:
        number = len(self.agents)
        places: list[tuple[AgentsProcess | KeysProcess | PeersProcess, int]] = [
            (process, channel) for process in self.agents for channel in range(2 * number + 1)
        ]
        places += [(process, channel) for process in self.keys for channel in range(number)]
        return places + [(self.peers, channel) for channel in range(number)]

    def _step(self, random: Random, *, crashes: bool) -> None:
        what = random.random()
        crash = crashes and random.random() < 0.1
        if what < 0.25:
            random.choice(self.ledgers).read(random.randrange(30))
        elif what < 0.4:
            random.choice(self.ledgers).flush(random, crash=crash)
        else:
            process, channel = random.choice(self._places())
            process.deliver(random, channel)
            if crash:
                process.crash()
            elif random.random() < 0.2:
                process.save()
