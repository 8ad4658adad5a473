"""The head of a state: which segments make it, which records it holds, and the rest.

It is written twice, under two keys. A changelog is compacted: a stray record under the key of the
head would in time leave nothing else there, and the head of the epoch before is no way out, since
offsets were committed past it. Of two copies one stray record spoils one.
"""

from collections.abc import Iterator, Mapping
from functools import reduce

from msgspec import Struct

from detectors.basis.errors import IncompatibleSnapshot
from detectors.basis.saved_state import read_state
from streams.stages.state.journal import Foreign
from streams.stages.state.names import Epoch, epoch_of_head, number_of_segment


class Run(Struct, frozen=True, array_like=True):
    """Segments with consecutive numbers that one epoch wrote."""

    era: int
    generation: int
    first: int
    last: int

    def numbers(self) -> Iterator[tuple[Epoch, int]]:
        """Yield the epoch and the number of each segment."""
        for number in range(self.first, self.last + 1):
            yield Epoch(self.era, self.generation), number


class Head(Struct, frozen=True, tag="state-3"):
    """What makes the state: segments, the next offset of each input topic, and the rest.

    ``origin`` is chosen by whoever writes the first head of a changelog: it distinguishes a
    changelog from one that was deleted and created again. ``next_number`` is that of the segment
    written next: numbers are never used twice.
    """

    origin: str
    next_number: int
    runs: tuple[Run, ...]
    positions: dict[str, int]
    rest: bytes


def latest_head(entries: Mapping[bytes, bytes]) -> tuple[Epoch, Head] | None:
    """Return the head of the latest epoch, None if there is none.

    Raises
    ------
    IncompatibleSnapshot
        If it is of another version.
    """
    epochs = [epoch for key in entries if (epoch := epoch_of_head(key)) is not None]
    if not epochs:
        return None
    latest = max(epochs)
    both = [value for key, value in entries.items() if epoch_of_head(key) == latest]
    return latest, read_head(reduce(newer, both))


def newer(known: bytes, value: bytes) -> bytes:
    """Return which of two heads of one epoch holds more, the second one if they hold the same.

    An old head may come once more, under its right seal: from a program that copies a topic into
    itself, or that restores what it has saved.
    """
    return known if _progress(known) > _progress(value) else value


def _progress(value: bytes) -> tuple[int, int]:
    head = read_head(value)
    return head.next_number, sum(head.positions.values())


def read_head(value: bytes) -> Head:
    """Return the head that a record holds."""
    return read_state(value, Head, "the head of a state")


def are_of_others(copied: Mapping[bytes, bytes], read: Mapping[bytes, bytes | None]) -> bool:
    """Return whether a copy is that of another changelog, as the heads in both show."""
    ours, theirs = _origins(copied), _origins(read)
    return bool(ours and theirs and ours.isdisjoint(theirs))


def require_one_release(foreign: Foreign) -> None:
    """Raise IncompatibleSnapshot if another release has written too.

    Its heads cannot be read here, nor its removals: what this release would take for the state may
    be long out of date, and offsets were committed past it.
    """
    if foreign.newer:
        raise IncompatibleSnapshot(
            f"another release has written this state too ({foreign.first}): run that release, or "
            "replay the event topics into a new ABOVEBOARD_TOPIC_PREFIX"
        )


def require_fresh(entries: Mapping[bytes, bytes], foreign: Foreign) -> None:
    """Raise IncompatibleSnapshot unless a changelog without a head never had a state.

    A segment without a head may be one that a worker left which died before its first head. It had
    the number 0, as nothing was committed before there was a head.
    """
    if foreign.unsealed:
        raise IncompatibleSnapshot(
            f"the state is of version {foreign.unsealed!r} without seals, and this release reads "
            f"{Head.__struct_config__.tag!r} with seals: replay the event topics into a new "
            "ABOVEBOARD_TOPIC_PREFIX, or go back to the release that wrote it"
        )
    if any(number_of_segment(key) for key in entries):
        raise IncompatibleSnapshot(
            "the head of the state is gone: another program has deleted it or written over it, and "
            "the broker has removed what stood there. Replay the event topics into a new "
            "ABOVEBOARD_TOPIC_PREFIX, and let nobody else write to this one"
        )


def _origins(entries: Mapping[bytes, bytes | None] | Mapping[bytes, bytes]) -> set[str]:
    return {
        read_head(value).origin
        for key, value in entries.items()
        if value is not None and epoch_of_head(key) is not None
    }
