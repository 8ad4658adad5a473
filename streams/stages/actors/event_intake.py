"""Records of event topics as events: counted, and those that are none as dead letters."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from detectors.basis.durations import Duration, seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds, seconds_at
from detectors.decoding import EventDecoder
from detectors.events.event import AgentMerged, AnyEvent
from detectors.evidence.arrays import Integers
from detectors.identity_settings import AS_THEY_STAND, IdentitySettings
from detectors.limit_settings import Limits
from detectors.scanning.fields import ACCOUNT
from detectors.scanning.lines import LineScanner, ScannedLines
from detectors.scanning.scanner import NOT_RECOGNISED
from detectors.time_settings import AHEAD_OF_ARRIVAL
from streams.metrics.registry import Metrics
from streams.stages.actors.actor import Output
from streams.stages.actors.complaint import TopicComplaint
from streams.stages.actors.refused_share import RefusedShare
from streams.stages.contested_share import REMEDY, ContestedShare
from streams.stages.set_aside import letter_output
from streams.stages.timing.arrivals import all_ahead, is_ahead, refusal
from streams.wire.dead_letter import from_topic
from streams.wire.record import KafkaRecord
from streams.wire.topics import EVENT_TOPICS, Topic

_REMEDY: Final = (
    "Mend the program that writes there, or take its right to write away. The records stand in the "
    "dead letters: replay them when they can be read"
)


class Lines(NamedTuple):
    """Records as columns; ``alone`` are the events of those that were not recognised, by index.

    A record that is neither recognised nor among those is no event.
    """

    scanned: ScannedLines
    alone: dict[int, AnyEvent]
    records: Sequence[KafkaRecord]

    def about_accounts(self) -> Integers:
        """Return the indices of the records that hold an event about an account."""
        is_about_one = self.scanned.kinds != NOT_RECOGNISED
        for index, event in self.alone.items():
            is_about_one[index] = not isinstance(event, AgentMerged)
        indices: Integers = np.flatnonzero(is_about_one)
        return indices

    def is_event(self, index: int) -> bool:
        """Return whether a record holds an event."""
        return index in self.alone or bool(self.scanned.kinds[index] != NOT_RECOGNISED)

    def event(self, decode: Callable[[bytes], AnyEvent], index: int) -> AnyEvent:
        """Return the event in a record that holds one."""
        return self.alone.get(index) or decode(self.records[index].value or b"")

    def account_ids(self, indices: Integers) -> list[str]:
        """Return which accounts the events of some records are about."""
        letters, alone = self.scanned.data.tobytes().decode("latin-1"), self.alone
        places = self.scanned.texts[indices, ACCOUNT].tolist()
        return [
            alone[index].account_id if index in alone else letters[start : start + length]
            for index, (start, length) in zip(indices.tolist(), places, strict=True)
        ]

    def time(self, index: int) -> Seconds:
        """Return the time of the event in a record."""
        if index in self.alone:
            return seconds_at(self.alone[index].occurred_at)
        return Seconds(float(self.scanned.at[index]))

    def until(self, end: int) -> "Lines":
        """Return the first of these records, up to before `end`."""
        data, kinds, at, texts, numbers = self.scanned
        some = ScannedLines(data, kinds[:end], at[:end], texts[:end], numbers[:end])
        return Lines(some, self.alone, self.records)


class EventIntake:
    """Reads the event topics of one partition.

    Parameters
    ----------
    limits
        Of what is read.
    partition
        Which one this is.
    metrics
        Counts what is read, refused and repaired.
    numbers
        Of a sale, as the ledger needs them.
    ahead_of_arrival
        How far an event may lie after the arrival of its record.
    identities
        How ids of agents are spelt.
    """

    def __init__(
        self,
        limits: Limits,
        partition: int,
        metrics: Metrics,
        numbers: Sequence[str] = (),
        ahead_of_arrival: Duration = AHEAD_OF_ARRIVAL,
        identities: IdentitySettings = AS_THEY_STAND,
    ) -> None:
        self._ahead: Final = ahead_of_arrival
        self._tolerance: Final = seconds_of(ahead_of_arrival)
        self._partition: Final = partition
        self._metrics: Final = metrics
        self._decoders: Final = {
            topic: EventDecoder(limits, kind, identities) for topic, kind in EVENT_TOPICS.items()
        }
        self._scanners: Final = {
            topic: LineScanner(limits, kind, numbers, identities)
            for topic, kind in EVENT_TOPICS.items()
        }
        self._shares: Final = {topic: RefusedShare() for topic in EVENT_TOPICS}
        self._contested: Final = ContestedShare()
        self._letters: list[Output] = []

    def read(self, topic: Topic, records: Sequence[KafkaRecord]) -> "Lines":
        """Return the events among records; those that hold none are rejected."""
        values = [record.value or b"" for record in records]
        scanned = self._scanners[topic].scan(values)
        alone: dict[int, AnyEvent] = {}
        for index in np.flatnonzero(scanned.kinds == NOT_RECOGNISED).tolist():
            try:
                alone[index] = self._decoders[topic].decode(values[index])
            except InvalidEvent as error:
                self.reject(topic, records[index], error)
        self._refuse_ahead(topic, scanned, alone, records)
        return Lines(scanned, alone, records)

    def _refuse_ahead(
        self,
        topic: Topic,
        scanned: ScannedLines,
        alone: dict[int, AnyEvent],
        records: Sequence[KafkaRecord],
    ) -> None:
        """Refuse what no record can have told when it arrived."""
        times = np.where(scanned.kinds == NOT_RECOGNISED, -np.inf, scanned.at)
        for index, event in alone.items():
            times[index] = seconds_at(event.occurred_at)
        for index in all_ahead(times, records, self._tolerance):
            error = refusal(Seconds(float(times[index])), records[index], self._ahead)
            self.reject(topic, records[index], error)
            scanned.kinds[index] = NOT_RECOGNISED
            alone.pop(index, None)

    def decoder(self, topic: Topic) -> Callable[[bytes], AnyEvent]:
        """Return what decodes the records of a topic."""
        return self._decoders[topic].decode

    def time_of(self, topic: Topic, record: KafkaRecord) -> Seconds:
        """Return the time of an event; raise InvalidEvent if it is none."""
        at = seconds_at(self._decoders[topic].decode(record.value or b"").occurred_at)
        if is_ahead(at, record, self._tolerance):
            raise refusal(at, record, self._ahead)
        return at

    def reject(self, topic: Topic, record: KafkaRecord, error: InvalidEvent) -> None:
        """Write the letter of a record that is no event, or of an event that cannot be joined."""
        if record.value is None:  # asked here only: a tombstone is rare, and events are many
            error = InvalidEvent("not_json", "no value (tombstone)")
        self._metrics.events(topic, "rejected", 1)
        self._metrics.dead_letter(error.reason)
        self._shares[topic].refuse(error, record.value)
        self._metrics.refused_field(topic, error.field)
        letter = from_topic(error, topic, self._partition, record.offset, record.value)
        self._letters.append(letter_output(letter, record.key))

    def joined(self, topic: Topic, results: Mapping[str, int]) -> None:
        """Count events by what became of them."""
        for result, number in results.items():
            if number:
                self._metrics.events(topic, result, number)

    def finish(self, topic: Topic, number: int, contradictions: int) -> None:
        """Note that so many records have been read, joined and rejected.

        `contradictions` are the fields of sales that are contested, of all until now.
        """
        self._shares[topic].read(number)
        if topic == Topic.SALES:
            self._contested.read(number, contradictions)
        repaired = self._decoders[topic].repaired
        if repaired:
            self._metrics.repaired_fields(topic, repaired)
            repaired.clear()

    def letters(self) -> list[Output]:
        """Return the letters since the last call."""
        letters, self._letters = self._letters, []
        return letters

    def complaints(self) -> list[TopicComplaint]:
        """Return the topics of which most records are refused, or many contradict each other."""
        complaints = [
            TopicComplaint(topic, share.complaint, _REMEDY)
            for topic, share in self._shares.items()
            if share.complaint is not None
        ]
        contested = self._contested.complaint
        if contested is not None:
            complaints.append(TopicComplaint(Topic.SALES, contested, REMEDY))
        return complaints
