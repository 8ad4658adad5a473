"""What a stage is, and what it asks of the consumer group."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Generic, NamedTuple

from streams.stages.log_bounds import LogBounds
from streams.stages.losses import NONE_ACCEPTED, AcceptedLosses
from streams.stages.partition import AnyActor
from streams.wire.topics import Topic


class StagePlan(Generic[AnyActor]):
    """What a stage reads, where its state is kept, and how the actor of a partition is made.

    ``prefix`` is that of the installation, by which records of another one are known; ``accepted``
    are records without which it may go on, where the broker has deleted them.
    """

    def __init__(
        self,
        name: str,
        inputs: tuple[Topic, ...],
        changelog: Topic,
        make_actor: Callable[[int], AnyActor],
        prefix: str = "",
        accepted: AcceptedLosses = NONE_ACCEPTED,
    ) -> None:
        self.name: Final = name
        self.inputs: Final = inputs
        self.changelog: Final = changelog
        self.make_actor: Final = make_actor
        self.prefix: Final = prefix
        self.accepted: Final = accepted


Reached = Mapping[tuple[Topic, int], int | None]
"""The offsets up to which partitions have been read; None of one that has not been."""


async def unknown_bounds(reached: Reached) -> Mapping[tuple[Topic, int], LogBounds]:
    """Return nothing: no log is known, and nothing can be compared with it."""
    del reached
    return {}


class Membership(NamedTuple):
    """The membership of this worker in the consumer group, as far as a stage asks for it.

    ``confirm`` returns if this worker still owns its partitions, and ``commit`` once the
    offsets of all finished batches are committed; both raise if the group has moved on.
    ``bounds`` asks the broker for those of some partitions.
    """

    confirm: Callable[[], Awaitable[None]]
    commit: Callable[[], Awaitable[None]]
    bounds: Callable[[Reached], Awaitable[Mapping[tuple[Topic, int], LogBounds]]] = unknown_bounds
