"""Offsets of event topics as people name them on the command line: ``sales:0:100-149``."""

import re
from typing import Final

from streams.errors import InvalidArguments
from streams.wire.topics import EVENT_TOPICS, Topic

_WRITTEN: Final = re.compile(r"(.+):([0-9]{1,9}):([0-9]{1,18})-([0-9]{1,18})")
"""Of numbers no longer than those of Kafka."""


def written(place: tuple[Topic, int, int, int]) -> str:
    """Return how topic, partition, first and last offset are written."""
    topic, partition, first, last = place
    return f"{topic}:{partition}:{first}-{last}"


def offsets_named(
    option: str, word: str, prefix: str, partitions: int
) -> tuple[Topic, int, int, int]:
    """Read offsets as the command line gives them: ``TOPIC:PARTITION:FROM-TO``.

    Parameters
    ----------
    option
        The option that they are given with, for errors.
    word
        Names the topic with or without the prefix.
    prefix
        That of the installation.
    partitions
        How many partitions each topic of events has.

    Returns
    -------
    tuple
        Topic, partition, first and last offset.

    Raises
    ------
    InvalidArguments
        If it cannot be read, or is not about a topic of events.
    """
    found = _WRITTEN.fullmatch(word)
    if found is None:
        raise InvalidArguments(
            f"{option} {word}: write TOPIC:PARTITION:FROM-TO, such as sales:0:100-149"
        )
    name, number, first, last = found[1], int(found[2]), int(found[3]), int(found[4])
    topic = next((topic for topic in EVENT_TOPICS if name in (topic, prefix + topic)), None)
    if topic is None:
        raise InvalidArguments(
            f"{option} {word}: {name} is none of {', '.join(EVENT_TOPICS)}, and only records of "
            "these can be left out"
        )
    if number >= partitions:
        raise InvalidArguments(
            f"{option} {word}: the partitions of {topic} are 0 to {partitions - 1}"
        )
    if first > last:
        raise InvalidArguments(f"{option} {word}: {first} comes after {last}")
    return topic, number, first, last
