"""What a stage is, and what it asks of the consumer group."""

from collections.abc import Awaitable, Callable
from typing import Final, Generic, NamedTuple

from streams.stages.partition import AnyActor
from streams.wire.topics import Topic


class StagePlan(Generic[AnyActor]):
    """What a stage reads, where its state is kept, and how the actor of a partition is made.

    ``prefix`` is that of the installation, by which records of another one are known.
    """

    def __init__(
        self,
        name: str,
        inputs: tuple[Topic, ...],
        changelog: Topic,
        make_actor: Callable[[int], AnyActor],
        prefix: str = "",
    ) -> None:
        self.name: Final = name
        self.inputs: Final = inputs
        self.changelog: Final = changelog
        self.make_actor: Final = make_actor
        self.prefix: Final = prefix


class Membership(NamedTuple):
    """The membership of this worker in the consumer group, as far as a stage asks for it.

    ``confirm`` returns if this worker still owns its partitions, and ``commit`` once the
    offsets of all finished batches are committed; both raise if the group has moved on.
    """

    confirm: Callable[[], Awaitable[None]]
    commit: Callable[[], Awaitable[None]]
