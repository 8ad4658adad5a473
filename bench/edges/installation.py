"""The product's own stages over some partitions, in one process: records in, alerts out.

As `aboveboard worker` has it, a record goes to the partition of its account, trust in a topic ends
where too many records are misplaced, and what cannot be used is refused with a reason. As in
`aboveboard detect`, there is one clock for all kinds of events.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from bench.edges.world import DAY, Arrival
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import (
    AccountActivity,
    AccountMerged,
    AgentMerged,
    AnyEvent,
    Cancellation,
    Sale,
)
from detectors.ledger.clock import EventClock
from detectors.ledger.matches import MatchCounts
from detectors.ledger.stage import Ledger
from detectors.peers.stage import Peers
from detectors.settings import Settings
from streams.files.spellings import spelling_lines
from streams.stages.actors.placement import Placement
from streams.wire.partitioner import partition_of
from streams.wire.topics import EVENT_TOPICS, Topic

_SOURCE: Final = "events"

ORDINARY_LONE_ACCOUNTS, ORDINARY_LONE_CANCELLATIONS = 0.12, 0.35
"""Shares of facts that meet nothing in honest worlds without a fault: old customers, late ends."""

LEEWAY: Final = 20

_TOPICS: Final[dict[type[AnyEvent], Topic]] = {
    Sale: Topic.SALES,
    Cancellation: Topic.CANCELLATIONS,
    AccountActivity: Topic.ACCOUNT_ACTIVITY,
    AccountMerged: Topic.ACCOUNT_ACTIVITY,
}


class Partition:
    """The ledger of one partition, its clock, and what is known of the place of its records."""

    def __init__(self, settings: Settings, number: int, partitions: int) -> None:
        self.ledger: Final = Ledger(settings, number)
        self.clock: Final = EventClock(settings.time, (_SOURCE,))
        self.placement: Final = Placement(tuple(EVENT_TOPICS), number, partitions)

    def apply(self, event: AnyEvent) -> bool:
        """Join an event; return whether it came behind the watermark."""
        topic = _TOPICS[type(event)]
        turns = self.placement.note(topic, [event.account_id])
        at, late = seconds_at(event.occurred_at), False
        try:
            late = at < self.ledger.watermark
            self.ledger.merge(event, at)
            self.clock.observe(_SOURCE, at, event.account_id)
        finally:
            for _, trusted in turns:
                since = max(self.clock.reached(_SOURCE), self.ledger.watermark)
                self.ledger.distrust.turn(topic, since, trusted=trusted)
            self.ledger.advance(self.clock.watermark())
        return late

    def refuse(self, record: bytes) -> None:
        """Take in what a record that was refused still tells of its account."""
        self.ledger.refuse(record, None, self.clock.reached(_SOURCE))


class Installation:
    """Ledgers of some partitions, agents and peers.

    Attributes
    ----------
    alerts
        All revisions until now.
    refused_of
        The true accounts of records that were refused.
    """

    def __init__(self, settings: Settings, partitions: int) -> None:
        if settings.patterns.across_accounts():
            raise ValueError("patterns across accounts need a stage that is not here")
        self._partitions: Final = [Partition(settings, n, partitions) for n in range(partitions)]
        self._decoder: Final = EventDecoder(settings.limits)
        self._agents: Final = Agents(settings, ledger_partitions=partitions)
        self._peers: Final = Peers(settings)
        self._refused: Final = Counter[str]()
        self.refused_of: Final = set[str]()
        self._late = 0
        self._sellers: Final = set[str]()
        self.alerts: Final = list[Alert]()

    def run(self, arrivals: Iterable[Arrival], until: float) -> None:
        """Take in what arrives, look at it once a day, and judge up to a moment."""
        today = None
        for one in arrivals:
            if one.at >= until:
                break
            day = one.at // DAY
            if day != today:
                self._drain()
                today = day
            self._take(one)
        for each in self._partitions:
            each.ledger.advance(Seconds(until))
        self._drain()

    def _take(self, one: Arrival) -> None:
        record, number = one.record, len(self._partitions)
        place = (partition_of(record["account_id"], number) + one.misplaced) % number
        try:
            event = self._decoder.decode(msgspec.json.encode(record))
            if isinstance(event, AgentMerged):  # about no account, so every partition has it
                for each in self._partitions:
                    each.ledger.apply(event)
            else:
                self._late += self._partitions[place].apply(event)
        except InvalidEvent as error:
            self.refused_of.add(one.account)
            self._partitions[place].refuse(msgspec.json.encode(record))
            reason = f"unreadable_{error.field}" if error.field else error.reason
            self._refused[reason if error.reason == "invalid_field" else error.reason] += 1

    def _drain(self) -> None:
        for each in self._partitions:
            bundle = each.ledger.drain().bundle
            for day in bundle.days.values():
                self._sellers.update([made.agent_id for made in day.made])
            self._agents.receive(bundle)
        judged = self._agents.drain()
        while judged.reports or judged.alerts:
            self.alerts.extend(judged.alerts)
            for report in judged.reports:
                for review in self._peers.receive(report):
                    self._agents.review(review)
            judged = self._agents.drain()

    def traces(self) -> dict[str, int]:
        """Return what tells that something was wrong, by name; only what there is any of."""
        counts = [each.ledger.matches.counts for each in self._partitions]
        traces = Counter(self._refused)
        traces["late"] = self._late
        traces["leap"] = sum(each.clock.leaps(_SOURCE) for each in self._partitions)
        traces["misplaced"] = sum(sum(e.placement.counts().values()) for e in self._partitions)
        traces["distrusted"] = sum(len(e.ledger.distrust.snapshot()) for e in self._partitions)
        traces["repaired"] = self._decoder.repaired.total()
        traces["unseen"] = len(self._agents.believed.stretches())
        traces["left_out"] = sum(self._agents.screen.left_out.values())
        traces["held_back"] = sum(self._agents.causes.ever_held_back().values())
        traces["merged"] = sum(one.merged for one in counts)
        traces["merged_agents"] = max(one.merged_agents for one in counts)
        traces["contested"] = sum(one.contradictions for one in counts)
        traces["unmatched"] = _more_than_usual(counts)
        traces["spellings"] = len(list(spelling_lines(self._sellers)))
        traces["shadow_alarms"] = sum(c.alarms for c in self._agents.shadow().values())
        return {name: count for name, count in sorted(traces.items()) if count}


def _more_than_usual(counts: Sequence[MatchCounts]) -> int:
    """Return how many facts met nothing, if it is more than in an ordinary world of this kind."""
    accounts = sum(one.lone_accounts for one in counts)
    uses = accounts + sum(one.used for one in counts)
    cancellations = sum(one.lone_cancellations for one in counts)
    ends = cancellations + sum(one.cancelled for one in counts)
    found = 0
    if accounts > ORDINARY_LONE_ACCOUNTS * uses + LEEWAY:
        found += accounts
    if cancellations > ORDINARY_LONE_CANCELLATIONS * ends + LEEWAY:
        found += cancellations
    return found
