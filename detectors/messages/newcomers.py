"""Agents of whom nothing was known before: how many there are, and who of them is judged."""

from collections.abc import Iterable
from typing import Final
from zlib import crc32

import numpy as np
from msgspec import Struct
from numpy.typing import NDArray

from detectors.basis.identifiers import AgentId

EVERYBODY: Final = 2**32 - 1
NOBODY: Final = -1

_KEY: Final = np.dtype("<u4")


class Newcomers(Struct, frozen=True, array_like=True, gc=False):
    """Keys of the agents whom one agents partition met on a day for the first time.

    Of 4 bytes each, little endian; `frequent` ones made several sales on the day.
    """

    frequent: bytes = b""
    rare: bytes = b""

    def is_whole(self) -> bool:
        """Return whether the bytes are as many keys."""
        return not (len(self.frequent) % _KEY.itemsize or len(self.rare) % _KEY.itemsize)


class Places(Struct, frozen=True, array_like=True, gc=False):
    """The largest key with which a newcomer of a day is judged from that day on."""

    frequent: int = EVERYBODY
    rare: int = EVERYBODY


def key_of(agent_id: AgentId) -> int:
    """Return the key of an agent: the same everywhere, and nothing that they sell changes it."""
    return crc32(agent_id.encode())


def held_keys(agents: Iterable[AgentId]) -> bytes:
    """Return the keys of agents, in ascending order, as they are sent."""
    return np.sort(np.array([key_of(one) for one in agents], _KEY)).tobytes()


def keys(held: Iterable[bytes]) -> NDArray[np.int64]:
    """Return what several partitions sent, in ascending order."""
    return np.sort(np.frombuffer(b"".join(held), _KEY).astype(np.int64))
