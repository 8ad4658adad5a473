"""What the ledger of keys saves."""

import msgspec
from msgspec import Struct

from detectors.basis.event_time import Day, Seconds
from detectors.facts.mention import Mention
from detectors.facts.traffic.touch import Touch
from detectors.facts.traffic.touches import DayTouches
from detectors.keys.group import Shared
from detectors.keys.progress import Progress
from detectors.messages.merged_agents import MergedAgent


class KeySales(Struct, array_like=True):
    """The sales under one key, and where that is an agent, their touches, in a snapshot."""

    field: str
    value: int
    sales: list[Shared]
    touches: dict[Day, DayTouches] = msgspec.field(default_factory=dict)


class KeysState(Struct, tag="keys-5"):
    """All that a `Keys` remembers.

    ``time`` is how far it has come, ``waiting`` and ``touches`` what it was told of the time after
    that, ``merged`` which ids of agents became part of others; ``crowded`` as in `Keys`.
    """

    config_hash: str
    progress: Progress
    time: Seconds
    waiting: list[Mention]
    keys: list[KeySales]
    touches: list[Touch] = msgspec.field(default_factory=list)
    merged: list[MergedAgent] = msgspec.field(default_factory=list)
    crowded: dict[str, int] = msgspec.field(default_factory=dict)
