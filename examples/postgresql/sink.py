"""Keeps the tables of deploy/postgresql/schema.sql as the topics of alerts and cases are.

pip install "kafka-python>=3" "psycopg[binary]>=3.3", then: python sink.py --broker localhost:9092

Where the database is, and who asks, is told as to psql: PGHOST, PGDATABASE, PGUSER, PGPASSFILE.
It ends with an error when it loses either side: start it again, and it goes on where it was.
"""

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final, NamedTuple, NoReturn

import psycopg
from kafka import KafkaConsumer, TopicPartition

TABLES: Final = {"alerts-current": "alerts", "cases-current": "cases"}

# An older version may come again, from a worker that was killed; the same one as well.
KEEP: Final = """
    INSERT INTO aboveboard.{table} AS kept (key, value, partition, "offset")
    VALUES (%(key)s, %(value)s, %(partition)s, %(offset)s)
    ON CONFLICT (key) DO UPDATE
    SET value = excluded.value, partition = excluded.partition, "offset" = excluded."offset"
    WHERE excluded.version >= kept.version
"""
DROP: Final = "DELETE FROM aboveboard.{table} WHERE key = %(key)s"
CLEAR: Final = "DELETE FROM aboveboard.{table}"
MOVE: Final = """
    INSERT INTO aboveboard.places (topic, partition, next_offset) VALUES (%s, %s, %s)
    ON CONFLICT (topic, partition) DO UPDATE
    SET next_offset = excluded.next_offset, read_at = excluded.read_at
"""
# A broker forgets tombstones a day after it has cleaned up. Whoever slept for longer than half of
# it may have missed one.
PLACES: Final = """
    SELECT topic, partition, next_offset FROM aboveboard.places
    WHERE read_at > now() - interval '12 hours'
"""
LOCK: Final = "SELECT {lock}(hashtextextended('the sink of aboveboard', 0))"

REFUSED: Final = (
    psycopg.DataError,  # no JSON, or a word where a time should be
    psycopg.IntegrityError,  # a field that is missing
    psycopg.errors.ProgramLimitExceeded,  # larger than PostgreSQL takes
    psycopg.errors.StatementTooComplex,  # nested without end
    UnicodeDecodeError,
)

QUIET: Final = 60.0
"""Seconds after which the sink notes that it is there, though there is nothing new."""

Places = Mapping[TopicPartition, int]


class Record(NamedTuple):
    """A record of a topic; without a value it is a tombstone."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Rows:
    """The tables. Rows and places change in one transaction, so neither is ever ahead."""

    def __init__(self, connection: psycopg.Connection[Any], prefix: str) -> None:
        self._connection: Final = connection
        self._tables: Final = {prefix + topic: table for topic, table in TABLES.items()}

    def wait_for_turn(self) -> None:
        """Wait until no other sink fills this database: the first session that ends lets one in."""
        cursor = self._connection.execute(LOCK.format(lock="pg_try_advisory_lock"))
        if cursor.fetchone() != (True,):
            say("another sink fills the tables; this one waits")
            self._connection.execute(LOCK.format(lock="pg_advisory_lock"))

    def places(self) -> dict[TopicPartition, int]:
        """Return where to go on, nothing if that is too long ago."""
        found = self._connection.execute(PLACES)
        return {TopicPartition(topic, number): place for topic, number, place in found}

    def clear(self) -> None:
        """Forget everything; within a transaction, nobody sees it before the end of it."""
        for table in (*TABLES.values(), "places"):
            self._connection.execute(CLEAR.format(table=table))

    def keep(self, records: Sequence[Record], places: Places) -> None:
        """Take records in, in their order, and note where to go on."""
        with self._connection.transaction():
            try:
                with self._connection.transaction(), self._connection.pipeline():
                    for record in records:
                        self._apply(record)
            except REFUSED:
                self._one_by_one(records)
            moved = [(*place, offset) for place, offset in places.items()]
            self._connection.cursor().executemany(MOVE, moved)

    def _one_by_one(self, records: Sequence[Record]) -> None:
        for record in records:
            try:
                with self._connection.transaction():
                    self._apply(record)
            except REFUSED as error:
                place = f"{record.topic}[{record.partition}]@{record.offset}"
                say(f"left out {place}, which is no record of ours: {error}")

    def _apply(self, record: Record) -> None:
        statement = DROP if record.value is None else KEEP
        fields = {
            "key": None if record.key is None else record.key.decode(),
            "value": None if record.value is None else record.value.decode(),
            "partition": record.partition,
            "offset": record.offset,
        }
        table = self._tables[record.topic]
        self._connection.execute(statement.format(table=table), fields)


class Topics:
    """The topics of an installation, which are read without a group."""

    def __init__(self, prefix: str, kafka: Mapping[str, Any]) -> None:
        # A place that is gone is an error here, and the next start reads everything anew.
        self._consumer: Final = KafkaConsumer(auto_offset_reset="none", **kafka)
        self.places: Final[list[TopicPartition]] = []
        for topic in TABLES:
            numbers = self._consumer.partitions_for_topic(prefix + topic)
            if not numbers:
                sys.exit(f"sink: the broker has no topic {json.dumps(prefix + topic)}")
            self.places.extend(TopicPartition(prefix + topic, number) for number in numbers)
        self._consumer.assign(self.places)

    def has(self, places: Places) -> bool:
        """Return whether one can go on from these places."""
        if places.keys() != set(self.places):
            return False
        first, ends = self._consumer.beginning_offsets(self.places), self.ends()
        return all(first[place] <= places[place] <= ends[place] for place in self.places)

    def ends(self) -> Places:
        """Return the present ends."""
        ends: Places = self._consumer.end_offsets(self.places)
        return ends

    def begin(self, places: Places | None = None) -> None:
        """Go to these places, or to the beginning."""
        for place, offset in (places or self._consumer.beginning_offsets(self.places)).items():
            self._consumer.seek(place, offset)

    def positions(self) -> dict[TopicPartition, int]:
        """Return where the next records would be read."""
        return {place: self._consumer.position(place) for place in self.places}

    def read(self) -> list[Record]:
        """Return what comes, nothing after a while without anything."""
        found = self._consumer.poll(timeout_ms=500).values()
        return [
            Record(one.topic, one.partition, one.offset, one.key, one.value)
            for records in found
            for one in records
        ]

    def close(self) -> None:
        """Close the connections to the brokers."""
        self._consumer.close()


def say(text: str) -> None:
    """Print a line, with what would command a terminal as escapes."""
    sys.stderr.write(f"sink: {json.dumps(text)[1:-1]}\n")
    sys.stderr.flush()


def catch_up(topics: Topics, rows: Rows) -> None:
    """Read to the present end."""
    ends = topics.ends()
    while any(position < ends[place] for place, position in topics.positions().items()):
        records = topics.read()
        rows.keep(records, topics.positions())


def begin(topics: Topics, rows: Rows, connection: psycopg.Connection[Any], *, anew: bool) -> None:
    """Bring the tables to the present end, from where they are or, if that cannot be, anew."""
    places = rows.places()
    if not anew and topics.has(places):
        topics.begin(places)
        catch_up(topics, rows)
        return
    say("reads everything; until that is done, the tables stay as they are")
    topics.begin()
    with connection.transaction():
        rows.clear()
        catch_up(topics, rows)


def follow(topics: Topics, rows: Rows) -> NoReturn:
    """Take in what comes."""
    last = time.monotonic()
    while True:
        records = topics.read()
        if records or time.monotonic() > last + QUIET:
            rows.keep(records, topics.positions())
            last = time.monotonic()


def main(words: Sequence[str] | None = None) -> None:
    """Fill the tables, and follow the topics until somebody ends it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--broker", default="localhost:9092", help="(default: %(default)s)")
    parser.add_argument("--prefix", default="", help="what the names of the topics begin with")
    parser.add_argument("--kafka", type=Path, help="a JSON file: other arguments of KafkaConsumer")
    parser.add_argument("--once", action="store_true", help="end at the present end of the topics")
    parser.add_argument("--anew", action="store_true", help="read everything, drop what is no more")
    chosen = parser.parse_args(words)
    more = {} if chosen.kafka is None else json.loads(chosen.kafka.read_text(encoding="utf-8"))
    with psycopg.connect(autocommit=True) as connection:
        rows = Rows(connection, chosen.prefix)
        rows.wait_for_turn()
        with closing(Topics(chosen.prefix, {"bootstrap_servers": chosen.broker, **more})) as topics:
            begin(topics, rows, connection, anew=chosen.anew)
            say("the tables are as the topics")
            if not chosen.once:
                follow(topics, rows)


if __name__ == "__main__":
    main()
