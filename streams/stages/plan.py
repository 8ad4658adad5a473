"""What a stage is, and what it asks of those around it."""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, NamedTuple

from streams.stages.partition import AnyActor
from streams.wire.topics import Topic


class StagePlan(Generic[AnyActor]):
    """What a stage reads, where its state is kept, and how the actor of a partition is made."""

    def __init__(
        self,
        name: str,
        inputs: tuple[Topic, ...],
        changelog: Topic,
        make_actor: Callable[[int], AnyActor],
    ) -> None:
        self.name: Final = name
        self.inputs: Final = inputs
        self.changelog: Final = changelog
        self.make_actor: Final = make_actor


class Membership(NamedTuple):
    """What the stage asks of its place in the consumer group.

    ``confirm`` returns if this worker is still in charge of its partitions, and ``commit`` once the
    offsets of all finished batches are committed; both raise if the group has moved on.
    """

    confirm: Callable[[], Awaitable[None]]
    commit: Callable[[], Awaitable[None]]
