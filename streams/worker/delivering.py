"""What the transport has fetched, as a stage takes it."""

from streams.broker.transport.batch import FetchedBatch
from streams.stages.partition import RecordBatch
from streams.wire.topics import Topic


def record_batch(topic: Topic, fetched: FetchedBatch) -> RecordBatch:
    """Return a batch of the topic that the stage knows by its name without the prefix."""
    return RecordBatch(
        topic,
        fetched.partition,
        fetched.generation,
        fetched.since,
        fetched.until,
        fetched.records,
        fetched.finish,
    )
