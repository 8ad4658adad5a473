"""Keys of a changelog: every writer has names of its own, and no name is ever used twice."""

from typing import NamedTuple


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


def epoch_of_head(key: bytes) -> Epoch | None:
    """Return the epoch of a head; None if the key is not that of a head."""
    kind, _, epoch = key.partition(b"/")
    if kind != b"head" or not epoch:
        return None
    era, _, generation = epoch.partition(b".")
    return Epoch(int(era), int(generation))
