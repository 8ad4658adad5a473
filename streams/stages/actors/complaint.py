"""What an actor says of an input topic that it cannot believe."""

from typing import NamedTuple

from streams.wire.topics import Topic


class TopicComplaint(NamedTuple):
    """What is wrong with a topic and what harm that does, and what mends it: a sentence each."""

    topic: Topic
    what: str
    remedy: str
