"""What the broker says of the log of a partition, and the group of what it has read."""

from typing import NamedTuple


class LogBounds(NamedTuple):
    """The first offset that is there, and what the group has committed, None if nothing.

    ``ends_early``: the log ends before what was read of it.
    """

    start: int
    committed: int | None
    ends_early: bool = False


def too_short(topic: str, partition: int, reached: int) -> str:
    """Return the sentence about a log that ends before what was read of it."""
    return (
        f"{topic} partition {partition} was read up to offset {reached}, and its log ends before "
        "that: it was cut off, or the topic was removed and created again. State and log do not "
        "belong together: bring the log back, or send all events once more under a new "
        "ABOVEBOARD_TOPIC_PREFIX. Keep the event topics as they are until that is done"
    )
