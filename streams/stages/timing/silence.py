"""How time goes on for a ledger while its topics are silent.

Silence is seen by the clock of the host, and a replay would see it between other records. So the
time that it grants is proposed first, written with the state, and used after that.
"""

from collections.abc import Mapping
from typing import Final

from detectors.basis.event_time import BEGINNING, Seconds
from detectors.ledger.clock import EventClock
from streams.stages.timing.arrivals import BY_THE_BROKER
from streams.wire.record import KafkaRecord
from streams.wire.topics import EVENT_TOPICS, Topic

EMPTY_EVERY: Final = 6.0
"""A partition without events announces that again after so many times `idle_after`."""


class Silence:
    """Grants time to one ledger partition.

    Parameters
    ----------
    clock
        That of the ledger.
    lateness
        The allowed lateness in seconds.
    idle_after, until
        See `streams.stages.actors.ledger_actor.LedgerActor`.

    Attributes
    ----------
    granted
        The event time up to which the stream counts as complete by silence.
    arrived
        When the newest record arrived, in seconds since the epoch.
    is_empty
        Whether it is to be announced that this partition has never had an event.
    """

    def __init__(
        self, clock: EventClock, lateness: float, *, idle_after: float, until: Seconds | None
    ) -> None:
        self._clock: Final = clock
        self._lateness: Final = lateness
        self._idle_after: Final = idle_after
        self._until: Final = until
        self.granted = BEGINNING
        self.proposed = BEGINNING
        self.arrived: float = BEGINNING
        self.is_empty = False
        self._newest = BEGINNING
        self._empty_at: float | None = None

    def note_arrival(self, newest: Seconds, record: KafkaRecord) -> None:
        """Note when the newest event arrived; older ones that come after it change nothing."""
        if newest > self._newest:
            self._newest = newest
            by_the_broker = record.timestamp_type == BY_THE_BROKER
            self.arrived = record.timestamp / 1_000 if by_the_broker else BEGINNING

    def look(self, idle: Mapping[Topic, float], now: float) -> None:
        """Propose a later time: without idle topics, or past all while all are idle.

        `idle` and `now` are those of `streams.stages.actors.actor.Actor.tick`.
        """
        silent = [topic for topic, seconds in idle.items() if seconds >= self._idle_after]
        self.proposed = max(self.proposed, self._clock.watermark(silent))
        if len(silent) == len(EVENT_TOPICS):
            self.proposed = max(self.proposed, self._time_after(min(idle.values()), now))
            self._look_whether_empty(min(idle.values()))

    def take(self) -> None:
        """Grant what was proposed: it is about to be written."""
        self.granted = self.proposed

    def restore(self, granted: Seconds, arrived: float) -> None:
        """Continue from what was written, after the clock was restored."""
        self.granted = self.proposed = granted
        self.arrived, self._newest = arrived, self._clock.newest()

    def _time_after(self, silence: float, now: float) -> Seconds:
        """Return the time up to which the stream is complete after `silence` seconds of all topics.

        It goes on from the newest event as the broker's clock has since the last one arrived. No
        event is later than its arrival and a tolerance, so this is no later than now and that.
        """
        if self._until is not None:
            return self._until
        if self.arrived > BEGINNING:
            silence = max(0.0, now - self.arrived)
        return Seconds(self._clock.newest() + silence - self._lateness)

    def _look_whether_empty(self, silence: float) -> None:
        """Decide whether to announce that this partition has never had an event.

        Else it would hold back all others for ever: it has no time of its own.
        """
        if self._until is not None or self._clock.newest() > BEGINNING:
            return
        last = self._empty_at
        if last is None or not last <= silence < last + EMPTY_EVERY * self._idle_after:
            self._empty_at = silence
            self.is_empty = True
