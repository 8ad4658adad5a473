"""What the transport could not read, as the stages leave it out."""

from streams.broker.transport.batch import FetchedBatch
from streams.stages.set_aside import SetAside
from streams.wire.topics import Topic


def corrupt_batch(topic: Topic, fetched: FetchedBatch) -> SetAside | None:
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
