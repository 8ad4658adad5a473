"""Records that the broker deleted before they were read, and which of them people have accepted."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, Protocol, runtime_checkable

from detectors.messages.holes import Hole
from streams.errors import LostRecords
from streams.stages.offsets_named import offsets_named, written
from streams.wire.topics import EVENT_TOPICS, Topic

OPTION: Final = "--accept-loss"


class Loss(NamedTuple):
    """Consecutive offsets of one partition of a topic, from the first to the last."""

    topic: Topic
    partition: int
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.topic} partition {self.partition} offsets {self.first} to {self.last}"

    def option(self) -> str:
        """Return how it is written on the command line."""
        return f"{OPTION} {written(self)}"


@runtime_checkable
class RemembersHoles(Protocol):
    """An actor that can go on without some of its records."""

    @property
    def holes(self) -> Sequence[Hole]:
        """What it had to go on without."""

    def remember(self, loss: Loss) -> None:
        """Go on without these records, which come after all that was applied."""


def remembering(actor: object) -> RemembersHoles | None:
    """Return the actor as one that can go on without some records, or None if it is none."""
    return actor if isinstance(actor, RemembersHoles) else None


class AcceptedLosses:
    """The losses that people have accepted, exactly these."""

    def __init__(self, losses: Iterable[Loss] = ()) -> None:
        self._losses: Final = frozenset(losses)

    def contain(self, loss: Loss) -> bool:
        """Return whether exactly this loss was accepted."""
        return loss in self._losses

    def refusal(self, losses: Sequence[Loss]) -> LostRecords:
        """Return the error that names all of these, and the remedy."""
        deleted = f"the broker has deleted records before they were read: {_listed(losses)}. "
        inner = [loss for loss in losses if loss.topic not in EVENT_TOPICS]
        if inner:
            # A stage that waits for such a message would wait for ever, and a figure that lacks an
            # outcome is wrong without anybody seeing it.
            return LostRecords(
                f"{deleted}Messages between the stages cannot be left out. Read the event topics "
                f"into a new ABOVEBOARD_TOPIC_PREFIX, and keep {inner[0].topic} for longer than "
                "any stop of the workers"
            )
        places = {(loss.topic, loss.partition) for loss in losses}
        others = sorted(loss for loss in self._losses if (loss.topic, loss.partition) in places)
        differs = f"Not the same as {_listed(others)}, which were accepted. " if others else ""
        options = " ".join(loss.option() for loss in losses)
        return LostRecords(
            f"{deleted}{differs}Bring them back if you can. To go on without them: aboveboard "
            f"worker {options}"
        )


NONE_ACCEPTED: Final = AcceptedLosses()


def accepted_losses(words: Iterable[str], prefix: str, partitions: int) -> AcceptedLosses:
    """Read losses as the command line gives them: ``TOPIC:PARTITION:FROM-TO``.

    Parameters
    ----------
    words
        Each names the topic with or without the prefix.
    prefix
        That of the installation.
    partitions
        How many partitions each topic of events has.

    Raises
    ------
    InvalidArguments
        If one of them cannot be read, or is not about a topic of events.
    """
    return AcceptedLosses(Loss(*offsets_named(OPTION, word, prefix, partitions)) for word in words)


def _listed(losses: Sequence[Loss]) -> str:
    return "; ".join(map(str, losses))
