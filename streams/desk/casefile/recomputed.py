"""What is asked of a recomputation, and what it tells: it is done in a process of its own."""

from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from detectors.settings import Settings
from streams.desk.casefile.funnel import Funnel


class Task(NamedTuple):
    """The file of the read model, the settings of the detectors, and the alert as it is shown."""

    model: Path
    settings: Settings
    shown: bytes


class Evidence(Struct, frozen=True):
    """The evidence at the end of a day (``YYYY-MM-DD``)."""

    day: str
    value: float


class Recomputed(Struct, frozen=True, kw_only=True):
    """What the events say of an alert.

    Attributes
    ----------
    revision
        Of the alert that was compared.
    agrees
        Whether the events give the alert as it is shown.
    explained
        Whether `aboveboard explain` agrees: what it finds may still not be what is shown.
    same_settings
        Whether the alert was found with the settings of the desk.
    text
        What `aboveboard explain` says; empty where it found no such alert.
    problem
        Why there is no text.
    days
        The evidence day by day, of an alert that has it.
    funnel
        The agent among peers, where they can be compared.
    events, since
        How many records were read, and the earliest time in them.
    seconds
        What it took.
    """

    revision: int
    agrees: bool = False
    explained: bool = False
    same_settings: bool = True
    text: str = ""
    problem: str = ""
    days: tuple[Evidence, ...] = ()
    funnel: Funnel | None = None
    events: int = 0
    since: int | None = None
    seconds: float = 0.0
