"""Batches of the transport, as the stages take them or leave them out."""

from streams.broker.transport.batch import FetchedBatch
from streams.stages.partition import RecordBatch
from streams.stages.set_aside import SetAside
from streams.wire.topics import Topic


def as_stages_take_it(topic: Topic, fetched: FetchedBatch) -> RecordBatch:
    """Return a fetched batch for the stage that reads its topic."""
    return RecordBatch(
        topic,
        fetched.partition,
        fetched.generation,
        fetched.since,
        fetched.until,
        fetched.records,
        fetched.finish,
        _corrupt_batch(topic, fetched),
    )


def _corrupt_batch(topic: Topic, fetched: FetchedBatch) -> SetAside | None:
    """Return what is to be set aside of a fetched batch, if anything."""
    corrupt = fetched.corrupt
    if corrupt is None:
        return None
    return SetAside(
        topic=topic,
        partition=fetched.partition,
        first=corrupt.first,
        last=corrupt.last,
        reason="corrupt_batch",
        detail=f"the batch cannot be unpacked: {corrupt.why}. Let its producer send the records "
        "again",
    )
