"""Asks for the bounds of logs in the words of the stages, which know no prefix."""

from collections.abc import Awaitable, Callable, Mapping

from streams.stages.log_bounds import LogBounds
from streams.stages.plan import Reached
from streams.wire.topics import Topic, topic_name

Ask = Callable[
    [Mapping[tuple[str, int], int | None]], Awaitable[Mapping[tuple[str, int], LogBounds]]
]
"""Asks the broker, which knows the topics by their whole names."""


async def bounds_of(
    reached: Reached, prefix: str, ask: Ask
) -> Mapping[tuple[Topic, int], LogBounds]:
    """Return the bounds of partitions that have been read up to these offsets."""
    places = {(topic_name(prefix, topic), number): (topic, number) for topic, number in reached}
    found = await ask({name: reached[place] for name, place in places.items()})
    return {places[name]: bounds for name, bounds in found.items()}
