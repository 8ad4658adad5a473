"""What the ledger of keys saves."""

import msgspec
from msgspec import Struct

from detectors.basis.event_time import Day, Seconds
from detectors.facts.staff.staff import OwnContact, Shifts
from detectors.facts.traffic.touches import DayTouches
from detectors.keys.group import Shared
from detectors.keys.progress import Progress
from detectors.keys.waiting import Waiting
from detectors.messages.merging.agents import MergedAgent


class KeySales(Struct, array_like=True):
    """The sales under one key, and where that is an agent, what is known of them, in a snapshot."""

    field: str
    value: int
    sales: list[Shared]
    touches: dict[Day, DayTouches] = msgspec.field(default_factory=dict)
    contacts: tuple[OwnContact, ...] = ()
    shifts: Shifts = msgspec.field(default_factory=dict)


class KeysState(Struct, tag="keys-6"):
    """All that a `Keys` remembers.

    ``time`` is how far it has come, ``waiting`` what it was told of the time after that, ``merged``
    which ids of agents became part of others; ``crowded`` as in `Keys`.
    """

    config_hash: str
    progress: Progress
    time: Seconds
    waiting: Waiting
    keys: list[KeySales]
    merged: list[MergedAgent] = msgspec.field(default_factory=list)
    crowded: dict[str, int] = msgspec.field(default_factory=dict)
