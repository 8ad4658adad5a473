"""Positions that each break one law."""

from collections.abc import Sequence

from streams.errors import MissingRecords
from streams.stages.actors.positions import Positions
from streams.wire.record import KafkaRecord
from streams.wire.topics import Topic


class Counts(Positions):
    """Takes more than one missing offset for a loss, as earlier versions did."""

    def advance(
        self, topic: Topic, since: int, until: int, records: Sequence[KafkaRecord]
    ) -> Sequence[KafkaRecord]:
        expected = self._next.get(topic, since)
        for record in records:
            if record.offset > expected + 1:
                raise MissingRecords(expected, record.offset - 1)
            expected = record.offset + 1
        return super().advance(topic, since, until, records)


class TrustsRecords(Positions):
    """Looks at records only: what was passed over without a record is not noticed."""

    def advance(
        self, topic: Topic, since: int, until: int, records: Sequence[KafkaRecord]
    ) -> Sequence[KafkaRecord]:
        since = min(since, self._next.get(topic, since))
        return super().advance(topic, since, until, records)


class StaysBefore(Positions):
    """Stays behind the last record, before the markers after it."""

    def advance(
        self, topic: Topic, since: int, until: int, records: Sequence[KafkaRecord]
    ) -> Sequence[KafkaRecord]:
        del until
        end = records[-1].offset + 1 if records else since
        return super().advance(topic, since, end, records)


class TakesAgain(Positions):
    """Takes a whole batch as new if any of it is."""

    def advance(
        self, topic: Topic, since: int, until: int, records: Sequence[KafkaRecord]
    ) -> Sequence[KafkaRecord]:
        return records if super().advance(topic, since, until, records) else ()
