"""The pipeline over files of events: what `detect` and `explain` have in common."""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from math import inf
from typing import Final

from detectors.agents.alerting.judgement import Judgement
from detectors.agents.alerting.not_judged import Unjudged
from detectors.alerts.alert import Alert, Subject
from detectors.alerts.commendation import Commendation
from detectors.alerts.verification_request import VerificationRequest
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Day, Seconds, seconds_at
from detectors.basis.identifiers import AgentId, GroupKind, PatternName
from detectors.cases.reading import DecisionDecoder, is_decision
from detectors.commission.action import CommissionAction
from detectors.decoding import EventDecoder
from detectors.events.decision import Decision
from detectors.facts.questions import events_asked
from detectors.ledger.matches import MatchCounts
from detectors.ledger.plain.joining import no_counts
from detectors.messages.outcomes import ShadowCount
from detectors.peers.bad_market import Market
from detectors.pipeline import Pipeline
from detectors.scanning.lines import LineScanner
from detectors.settings import Settings
from detectors.sight.stretch import Stretch
from streams.files.events import Block
from streams.files.merging import Origin
from streams.files.record_counts import RecordCounts
from streams.wire.dead_letter import DeadLetter, from_file

_DRAIN_EVERY: Final = 4_096
"""Lines after which alerts are drained, roughly: how much is held, never what is emitted."""


class Detection:
    """One run of the pipeline over lines of events.

    Parameters
    ----------
    settings
        All settings.
    until
        Events after it are not applied, and the run is judged up to it; None ends the run at the
        watermark of its events.
    reject
        Takes every record that cannot be applied.
    seen
        A list to which every judgement is added, or None.
    decide
        Takes every decision of people, in the order of the files, for the cases; what it means
        for evidence the pipeline knows by itself.
    pay
        Takes what becomes of each commission, in the order of days.
    """

    def __init__(
        self,
        settings: Settings,
        until: datetime | None,
        reject: Callable[[DeadLetter], None],
        seen: list[Judgement] | None = None,
        decide: Callable[[Decision], None] | None = None,
        pay: Callable[[CommissionAction], None] | None = None,
    ) -> None:
        self._decide: Final = decide
        self._pay: Final = pay
        self._decode_decision: Final = DecisionDecoder(settings.limits).decode
        decoder: Final = EventDecoder(settings.limits, identities=settings.identities)
        self._decode: Final = decoder.decode
        self._pipeline: Final = Pipeline(settings, seen=seen)
        self._scanner: Final = LineScanner(
            settings.limits, numbers=self._pipeline.numbers, identities=settings.identities
        )
        self.profiles: Final = frozenset(settings.profiles)
        asked = [(one.name, events_asked(one.questions)) for one in settings.patterns.on_sales()]
        self.events_asked: Final = {name: events for name, events in asked if events}
        self.fewest_others: Final = settings.groups.fewest_others
        self._until: Final = until
        self._reject: Final = reject
        self.counts: Final = RecordCounts(repaired=decoder.repaired)

    @property
    def watermark(self) -> Seconds:
        """The event time (seconds) up to which everything has been judged."""
        return self._pipeline.watermark

    @property
    def outcomes(self) -> int:
        """How many outcomes became known."""
        return self._pipeline.outcomes

    def ended(self) -> list[tuple[Subject, PatternName, Day]]:
        """Return of which subjects and patterns people ended the evidence, each with the day."""
        return self._pipeline.ended

    def drain_requests(self) -> list[VerificationRequest]:
        """Return which sales somebody is asked to verify, since the last call."""
        taken = [*self._pipeline.requests]
        self._pipeline.requests.clear()
        return taken

    def commendations(self) -> list[Commendation]:
        """Return every revision of every commendation, in the order of the log."""
        return self._pipeline.commendations

    def sellers(self) -> Collection[str]:
        """Return the ids of the agents who made a sale on a complete day."""
        return self._pipeline.sellers

    def matches(self) -> MatchCounts:
        """Return which of the facts that are forgotten met what they belong to."""
        return self._pipeline.matches()

    def unseen(self) -> list[Stretch]:
        """Return when something could not be seen that a pattern asks for."""
        return self._pipeline.unseen()

    def left_out(self) -> Mapping[PatternName, int]:
        """Count the outcomes that were left out, for what they rest on could not be seen."""
        return self._pipeline.left_out()

    def untold(self) -> Mapping[PatternName, int]:
        """Count the accounts of which nothing is told, for the same reason."""
        return self._pipeline.untold()

    def groups_not_judged(self) -> dict[GroupKind, int]:
        """Count the groups that are not judged, because there are too few others of their kind."""
        return self._pipeline.groups_not_judged()

    def incomparable(self) -> dict[PatternName, dict[AgentId, Unjudged]]:
        """Return who is not judged at present, and why, by tier."""
        return self._pipeline.incomparable()

    def markets(self) -> Mapping[PatternName, Market]:
        """Return what is known of the whole market, by pattern."""
        return self._pipeline.markets()

    def not_judged(self) -> int:
        """Count the outcomes that were not judged, because there were too many agents."""
        return self._pipeline.not_judged

    def crowded(self) -> Mapping[str, int]:
        """Count the payers, contacts and the like of too many sales to be looked at, by field."""
        return self._pipeline.crowded()

    def groups_without_place(self) -> dict[GroupKind, int]:
        """Count the outcomes of groups that were not judged, because there were too many."""
        return self._pipeline.groups_without_place()

    def is_out_of_room(self) -> bool:
        """Return whether there is no room for cells that are rare any more."""
        return self._pipeline.room.is_full_for(1)

    def held_back(self) -> dict[PatternName, int]:
        """Count the agents of whom, on some day, their group was told instead, by tier."""
        return self._pipeline.held_back()

    def shadow(self) -> dict[PatternName, ShadowCount]:
        """Return what the shadow null has counted, by pattern; empty without it."""
        return self._pipeline.shadow()

    def alerts(self, blocks: Iterator[Block]) -> Iterator[list[Alert]]:
        """Apply all lines; give the revisions of alerts as they become due, in canonical order."""
        waiting = 0
        for block in blocks:
            self._apply(block)
            waiting += len(block.lines)
            if waiting >= _DRAIN_EVERY:
                waiting = 0
                yield self._found()
        if self._until is not None:
            self._pipeline.advance(seconds_at(self._until))
        yield self._found()

    def _found(self) -> list[Alert]:
        alerts, commissions = self._pipeline.alerts(), self._pipeline.commissions
        if self._pay is not None:
            for action in commissions:
                self._pay(action)
        commissions.clear()
        return alerts

    def _apply(self, block: Block) -> None:
        """Apply lines: nearly all of them at once, the others one by one."""
        lines, pipeline, decode = block.lines, self._pipeline, self._decode
        pipeline.knows_arrival(as_arrived=block.as_arrived)
        scanned = self._scanner.scan(lines)
        told = no_counts()
        until = Seconds(inf) if self._until is None else seconds_at(self._until)
        line = 0
        while line < len(lines):
            line = pipeline.join(scanned, line, until, told, lambda number: decode(lines[number]))
            if pipeline.has_leapt():
                self.counts.leap = block.origin(line - 1)
            if line < len(lines):
                self._apply_alone(lines[line], block, line)
                line += 1
        self.counts.add(told)

    def _apply_alone(self, line: bytes, block: Block, index: int) -> None:
        until, counts = self._until, self.counts
        try:
            event = self._decode(line)
            kind = type(event)
            if until is not None and event.occurred_at > until:
                counts.after_until[kind] += 1
                return
            late = seconds_at(event.occurred_at) < self._pipeline.watermark
            (counts.applied if self._pipeline.apply(event) else counts.unchanged)[kind] += 1
            counts.late[kind] += late
            counts.reach(kind, event.occurred_at)
            if self._pipeline.has_leapt():
                counts.leap = block.origin(index)
        except InvalidEvent as error:
            if is_decision(line):
                self._apply_decision(line, block.origin(index))
            elif line.strip():
                self._refuse(error, block.origin(index), line)

    def _apply_decision(self, line: bytes, origin: Origin) -> None:
        try:
            decision = self._decode_decision(line)
        except InvalidEvent as error:
            self._refuse(error, origin, line)
            return
        if self._until is not None and decision.occurred_at > self._until:
            self.counts.decisions_after_until += 1
            return
        self.counts.decisions += 1
        self._pipeline.decide(decision)
        if self._decide is not None:
            self._decide(decision)

    def _refuse(self, error: InvalidEvent, origin: Origin, line: bytes) -> None:
        self.counts.rejected[error.reason] += 1
        self.counts.doubted += self._pipeline.refuse(line)
        if error.field:
            self.counts.refused_fields[error.field] += 1
        self._reject(from_file(error, *origin, line))
