"""Keys of a changelog: every writer has names of its own, and no name is ever used twice."""

from re import compile as compiled_pattern
from typing import Final, NamedTuple


class Epoch(NamedTuple):
    """Under which assignment something was written; later ones compare greater.

    The consumer group numbers its assignments. If the group was deleted or has expired at the
    broker, it starts from 0 again: that is the next era.
    """

    era: int
    generation: int

    def followed_by(self, generation: int) -> "Epoch":
        """Return the epoch of a writer of this generation that finds this one in the changelog."""
        if generation > self.generation:
            return Epoch(self.era, generation)
        return Epoch(self.era + 1, generation)


BEFORE_ALL = Epoch(0, -1)

_HEAD: Final = compiled_pattern(rb"(?:head|twin)/(\d{1,18})\.(\d{1,18})")
_PART: Final = compiled_pattern(rb"segment/(\d{1,18})\.(\d{1,18})/(\d{1,18})/(\d{1,18})")


class PartName(NamedTuple):
    """One message of a segment."""

    epoch: Epoch
    number: int
    part: int

    def key(self) -> bytes:
        """Return the key of its record."""
        era, generation = self.epoch
        return f"segment/{era}.{generation}/{self.number}/{self.part}".encode()


def head_key(epoch: Epoch) -> bytes:
    """Return the key of the head that writers of this epoch write."""
    return f"head/{epoch.era}.{epoch.generation}".encode()


def twin_key(epoch: Epoch) -> bytes:
    """Return the key of the copy of a head: a stray record under one key spoils only one."""
    return f"twin/{epoch.era}.{epoch.generation}".encode()


def epoch_of_head(key: bytes) -> Epoch | None:
    """Return the epoch of a head or of its twin; None if the key is neither."""
    found = _HEAD.fullmatch(key)
    return None if found is None else Epoch(int(found[1]), int(found[2]))


def number_of_segment(key: bytes) -> int | None:
    """Return the number of the segment that a message is part of; None if it is no such key."""
    found = part_of_segment(key)
    return None if found is None else found.number


def part_of_segment(key: bytes) -> PartName | None:
    """Return the name of a message of a segment; None if the key is that of none."""
    found = _PART.fullmatch(key)
    if found is None:
        return None
    era, generation, number, part = map(int, found.groups())
    return PartName(Epoch(era, generation), number, part)


def is_key_of_state(key: bytes) -> bool:
    """Return whether a key is one that a state may use."""
    return epoch_of_head(key) is not None or number_of_segment(key) is not None
