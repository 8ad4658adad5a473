"""Which records of an installation's event topics go into another one, and which are left out.

The way back from a poisoned clock. Time does not go back in a running installation, and the topics
keep what has moved it: so the events are read once more, into topics of a new prefix, without the
records that people name. What is left out becomes a dead letter there.

The new topics stamp a record when it is copied. By then a date that nobody could have known may lie
in the past. So what lies after the arrival of its own record is left out here, by the old stamp.
"""

from collections.abc import Collection
from typing import Final

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import seconds_at
from detectors.decoding import EventDecoder
from detectors.settings import Settings
from streams.stages.timing.arrivals import is_ahead, refusal
from streams.stages.timing.followers import Followers
from streams.wire.dead_letter import LEFT_OUT, DeadLetter, from_topic
from streams.wire.record import KafkaRecord
from streams.wire.topics import EVENT_TOPICS, Topic

OPTION: Final = "--leave-out"


class EventCopy:
    """Decides of every record, those of a partition in their order.

    Parameters
    ----------
    settings
        Those of the workers.
    prefix
        That of the installation that is copied.
    left_out
        What people leave out: topic, partition, first and last offset.

    Attributes
    ----------
    followers
        Finds which of the others are dated far after those that follow them.
    """

    def __init__(
        self,
        settings: Settings,
        prefix: str,
        left_out: Collection[tuple[Topic, int, int, int]] = (),
    ) -> None:
        self._decoders: Final = {
            topic: EventDecoder(settings.limits, kind) for topic, kind in EVENT_TOPICS.items()
        }
        self._ahead: Final = settings.time.ahead_of_arrival
        self._tolerance: Final = seconds_of(self._ahead)
        self._prefix: Final = prefix
        self._left_out: Final = left_out
        self.followers: Final = Followers(seconds_of(settings.time.allowed_lateness))

    def letter(self, topic: Topic, partition: int, record: KafkaRecord) -> DeadLetter | None:
        """Return the dead letter of a record that is left out; None if it is to be copied.

        What is no event is copied: the workers of the new installation say why they refuse it.
        """
        for source, number, first, last in self._left_out:
            if (source, number) == (topic, partition) and first <= record.offset <= last:
                return self._left_out_letter(topic, partition, record)
        error = self._refusal(topic, partition, record)
        if error is None:
            return None
        return from_topic(error, topic, partition, record.offset, record.value)

    def _refusal(self, topic: Topic, partition: int, record: KafkaRecord) -> InvalidEvent | None:
        if record.value is None:
            return InvalidEvent("not_json", "no value (tombstone)")
        try:
            at = seconds_at(self._decoders[topic].decode(record.value).occurred_at)
        except InvalidEvent:
            return None
        if is_ahead(at, record, self._tolerance):
            return refusal(at, record, self._ahead)
        self.followers.note(topic, partition, record.offset, at)
        return None

    def _left_out_letter(self, topic: Topic, partition: int, record: KafkaRecord) -> DeadLetter:
        return DeadLetter(
            reason=LEFT_OUT,
            detail=f"left out by {OPTION} when the events under the prefix {self._prefix!r} were "
            "copied; the offset is the one there",
            source=topic,
            partition=partition,
            offset=record.offset,
            record=record.value or b"",
            null=record.value is None,
        )
