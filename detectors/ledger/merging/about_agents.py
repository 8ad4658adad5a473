"""What a ledger of accounts passes on of events about agents; it remembers nothing of them."""

from typing import Final

from msgspec import Struct, field

from detectors.basis.event_time import Day, Seconds, day_of, seconds_at
from detectors.events.event import Agent, OfAgent, RosteredHours
from detectors.facts.questions import HOURS, OWN_CONTACTS, traffic_asked
from detectors.facts.staff.record import StaffRecord, contacts_of, shift_of
from detectors.facts.staff.started import StartedAgent
from detectors.facts.traffic.touch import Touch, touch_of
from detectors.ledger.cells import TENURE
from detectors.ledger.lateness import too_late
from detectors.patterns.reach import seen_for
from detectors.settings import Settings


class ToldOfAgents(Struct):
    """What was told since the last time.

    ``touches`` and ``staff`` are for the ledgers of keys, ``started`` is for those who judge.
    """

    touches: list[Touch] = field(default_factory=list)
    staff: list[StaffRecord] = field(default_factory=list)
    started: list[StartedAgent] = field(default_factory=list)


class AboutAgents:
    """Passes on what is about agents, as far as the settings ask for it."""

    def __init__(self, settings: Settings) -> None:
        patterns = settings.patterns.across_accounts()
        heeding = [pattern for pattern in patterns if traffic_asked(pattern.questions)]
        self._heeded_for: Final = max(map(seen_for, heeding), default=None)
        self._heeds_contacts: Final = any(OWN_CONTACTS in one.questions for one in patterns)
        by_hours = [seen_for(one) for one in patterns if HOURS in one.questions]
        self._shifts_heeded_for: Final = max(by_hours, default=None)
        self._heeds_tenure: Final = settings.peers.cell[-1:] == (TENURE,)
        self._told = ToldOfAgents()

    def drain(self) -> ToldOfAgents:
        """Return what was told since the last call."""
        told, self._told = self._told, ToldOfAgents()
        return told

    def pass_on(
        self, event: OfAgent, at: Seconds, watermark: Seconds, corrections_for: float
    ) -> bool:
        """Pass on what is about an agent; return whether anybody asks for it.

        Raises
        ------
        InvalidEvent
            ``too_late``, if no sale that can still be corrected waits for it: refused any earlier,
            an interaction would be told as absent. Nothing else is ever too late.
        """
        known_at = max(at, watermark)
        if isinstance(event, Agent):
            return self._pass_on(event, known_at)
        if isinstance(event, RosteredHours):
            return self._pass_on_shift(event, known_at, watermark - corrections_for)
        if self._heeded_for is None:
            return False
        if at < watermark - corrections_for - self._heeded_for:
            raise too_late(event, watermark)
        touch = touch_of(event, at, known_at)
        if touch is not None:
            self._told.touches.append(touch)
        return touch is not None

    def _pass_on(self, event: Agent, known_at: Seconds) -> bool:
        """Pass on what master data says."""
        record = contacts_of(event, known_at) if self._heeds_contacts else None
        if record is not None:
            self._told.staff.append(record)
        if event.started_at is None or event.agent_id is None or not self._heeds_tenure:
            return record is not None
        since, started = day_of(known_at) + 1, day_of(seconds_at(event.started_at))
        self._told.started.append(StartedAgent(event.agent_id, Day(since), started))
        return True

    def _pass_on_shift(self, event: RosteredHours, known_at: Seconds, since: float) -> bool:
        """Pass on a shift, if a sale that was made near it since then (seconds) may ask for it."""
        heeded_for = self._shifts_heeded_for
        record = None if heeded_for is None else shift_of(event, known_at, since - heeded_for)
        if record is not None:
            self._told.staff.append(record)
        return record is not None
