"""The stages wired together in one process: what `aboveboard detect` runs."""

from datetime import datetime
from math import inf
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Struct, field

from detectors.agents.alerting.judgement import Judgement
from detectors.agents.stage import Agents
from detectors.alerts.alert import Alert, Subject
from detectors.alerts.commendation import Commendation, canonical_commendations
from detectors.alerts.verification_request import VerificationRequest
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, Day, Seconds, seconds_at
from detectors.basis.identifiers import AccountId, AgentId, PatternName
from detectors.basis.saved_state import read_state
from detectors.events.decision import Decision
from detectors.events.event import AnyEvent
from detectors.evidence.arrays import Reals
from detectors.facts.account import Account
from detectors.insight import Insight
from detectors.keys.stage import Keys
from detectors.ledger.clock import EventClock, SourceClock
from detectors.ledger.line_joiner import EventOf, LineJoiner
from detectors.ledger.matches import MatchCounts
from detectors.ledger.stage import Ledger
from detectors.messages.disputes import CONTESTED_SALE
from detectors.messages.mentions import MentionBundle
from detectors.messages.merging.agents import MergedAgent
from detectors.peers.stage import Peers
from detectors.scanning.lines import ScannedLines
from detectors.settings import Settings

if TYPE_CHECKING:
    from detectors.commission.action import CommissionAction

_SOURCE: Final = "events"


class PipelineState(Struct, tag="pipeline-14"):
    """A `Pipeline` in a snapshot."""

    clock: dict[str, SourceClock]
    watermark: Seconds
    accounts: dict[AccountId, Account]
    agents: bytes
    peers: bytes
    matches: MatchCounts = field(default_factory=MatchCounts)
    keys: bytes = b""
    merged_agents: list[MergedAgent] = field(default_factory=list)


class Pipeline(Insight):
    """Ledger, keys, agents and peers of one partition, over one stream of events.

    Order of calls: `apply` events and `decide` as they come, `alerts` now and then; how often
    changes nothing in what is emitted.

    Parameters
    ----------
    settings
        All settings.
    seen
        A list to which every judgement is added, or None.

    Attributes
    ----------
    numbers
        The numbers of a sale that `join` needs.
    outcomes
        How many outcomes became known.
    sellers
        The agents who made a sale on a complete day.
    ended
        The subjects and patterns of which people ended the evidence, each with the day.
    requests
        The sales that somebody is asked to verify, in the order of days; a reader may clear it.
    commissions
        What becomes of commissions, in the order of days; whoever takes it in may clear it.
    commendations
        Every revision of every commendation, in the order of the log.
    """

    def __init__(self, settings: Settings, seen: list[Judgement] | None = None) -> None:
        self._lateness: Final = seconds_of(settings.time.allowed_lateness)
        self._clock = EventClock(settings.time, (_SOURCE,))
        keys = Keys(settings) if settings.patterns.across_accounts() else None
        agents = Agents(settings, ledger_partitions=1 + (keys is not None), seen=seen)
        super().__init__(Ledger(settings), keys, agents, Peers(settings))
        self._joiner: Final = LineJoiner(self._ledger, self._clock)
        self._merge: Final = self._ledger.merge
        self._observe: Final = self._clock.observe
        self._advance: Final = self._ledger.advance
        self._newest = BEGINNING
        self._leaps = 0
        self.numbers: Final = self._ledger.numbers
        self.outcomes = 0
        self.sellers: Final[set[AgentId]] = set()
        self.ended: Final[list[tuple[Subject, PatternName, Day]]] = []
        self.requests: Final = list[VerificationRequest]()
        self.commissions: Final[list[CommissionAction]] = []
        self.commendations: Final[list[Commendation]] = []

    @property
    def watermark(self) -> Seconds:
        """The event time (seconds) up to which the stream is complete."""
        self._advance(self._newest - self._lateness)
        return self._ledger.watermark

    def has_leapt(self) -> bool:
        """Return whether time moved by more than a day since the last call.

        Whatever `join` has joined last then moved it.
        """
        before, self._leaps = self._leaps, self._clock.leaps(_SOURCE)
        return self._leaps != before

    def apply(self, event: AnyEvent) -> bool:
        """Merge one event; return whether it changed anything.

        Raises
        ------
        InvalidEvent
            If the event comes too late to be applied.
        """
        at = seconds_at(event.occurred_at)
        if at < self._newest:  # only then may it be late, and the watermark matter
            self._advance(self._newest - self._lateness)
        changed = self._merge(event, at)
        self._newest = self._observe(_SOURCE, at, event.account_id)
        return changed

    def join(
        self, scanned: ScannedLines, first: int, until: Seconds, told: Reals, event_of: EventOf
    ) -> int:
        """Join lines as `apply` would their events; return the first that has to be applied alone.

        `event_of` gives the event in the line of a number; events after `until` are left out.
        `told`, shape (kinds of events, 4), counts them by what became of them
        (`detectors.ledger.plain.joining.APPLIED`); its last column is the newest time.
        """
        self._advance(self._newest - self._lateness)
        joined = self._joiner.join(_SOURCE, scanned, first, Seconds(inf), until, told, event_of)
        self._newest = joined.newest
        return joined.stopped

    def refuse(self, record: bytes) -> bool:
        """Take in what a record that was refused still tells of its account, if it tells anything.

        Return whether that changed anything.
        """
        return self._ledger.refuse(record, None, self._newest)

    def knows_arrival(self, *, as_arrived: bool) -> None:
        """Declare whether sales come in the order in which they arrived (see `Claims`)."""
        self._ledger.claims.as_arrived = as_arrived

    def decide(self, decision: Decision) -> None:
        """Take a decision of a person in, after those before it in the log."""
        self._peers.decide(decision)

    def advance(self, until: Seconds) -> None:
        """Declare the stream complete up to `until`, in seconds of event time."""
        self._ledger.advance(until)

    def alerts(self) -> list[Alert]:
        """Return the revisions that became due since the last call, in the order of the log.

        The log is the same however it is cut into calls.
        """
        self._advance(self._newest - self._lateness)
        output = self._ledger.drain_in_columns()
        self.outcomes += len(output.bundle.outcomes) + sum(map(len, output.good))
        for day in output.bundle.days.values():
            self.sellers.update([made.agent_id for made in day.made])
        alerts: list[Alert] = []
        self._agents.receive(output.bundle, output.good)
        if self._keys is not None:
            told = MentionBundle(
                0,
                output.bundle.watermark,
                output.mentions,
                touches=output.touches,
                merged=output.merged,
                staff=output.staff,
            )
            self._keys.receive(told)
            across = self._keys.drain()
            self.outcomes += len(across.outcomes)
            self._agents.receive(across)
        judged = self._agents.drain()
        while not judged.is_empty():
            alerts += judged.alerts
            self.requests.extend(judged.requests)
            self.commissions.extend(judged.commissions)
            self.ended.extend(judged.ended)
            self.commendations.extend(sorted(judged.commendations, key=canonical_commendations))
            for report in judged.reports:
                for review in self._peers.receive(report):
                    self._agents.review(review)
            judged = self._agents.drain()
        alerts.sort(key=_log_order)
        return alerts

    def snapshot(self) -> bytes:
        """Return all of the state; call it with no alerts left to collect."""
        return msgspec.msgpack.encode(
            PipelineState(
                self._clock.snapshot(),
                self._ledger.watermark,
                self._ledger.accounts(),
                self._agents.snapshot(),
                self._peers.snapshot(),
                self._ledger.matches.counts,
                b"" if self._keys is None else self._keys.snapshot(),
                self._ledger.merged_agents.state,
            )
        )

    def restore(self, snapshot: bytes) -> None:
        """Restore the state given by `snapshot`, into a pipeline that is still empty.

        Raises
        ------
        IncompatibleSnapshot
            If the bytes are of another kind or version, or were saved under other settings.
        """
        state = read_state(snapshot, PipelineState, "a pipeline")
        self._agents.restore(state.agents)
        if self._keys is not None:
            self._keys.restore(state.keys)
        self._clock.restore(state.clock)
        self._newest = self._clock.newest()
        self._ledger.restore(state.accounts, state.watermark)
        self._peers.restore(state.peers)
        self._ledger.matches.counts = state.matches
        self._ledger.merged_agents.restore(state.merged_agents)


def _log_order(alert: Alert) -> tuple[datetime, int, str, int]:
    """Order by time; then what is emitted first, for the log must not depend on who asks when.

    At a watermark that is the end of a day, alerts about agents and groups can be emitted at once,
    what late events change while it stays there follows, in the order of those events, and what
    matures at that very moment, or is disputed then, waits until the watermark moves on.
    """
    if alert.subject.type != "account":
        return (alert.updated_at, 0, alert.alert_id, alert.revision)
    if alert.updated_at > alert.opened_at and alert.pattern != CONTESTED_SALE:
        return (alert.updated_at, 1, "", 0)
    return (alert.updated_at, 2, alert.alert_id, alert.revision)
