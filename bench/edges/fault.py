"""What a fault is: a pure function of arrivals, and by which traces it should be told."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from typing import Final, Literal, NamedTuple

from msgspec import Struct, structs

from bench.edges.world import DAY, Arrival, Kind, Record, World

EARLIEST: Final = 0.25
LATEST: Final = 0.65
"""Faults begin within these shares of the period: there is something to compare with before, and
time to go wrong afterwards."""


class Draw(NamedTuple):
    """What a fault is drawn from."""

    random: Random
    world: World

    def moment(self) -> float:
        """Return the midnight at which the fault begins."""
        share = self.random.uniform(EARLIEST, LATEST)
        return self.world.begins + int(self.world.size.days * share) * DAY

    def site(self) -> str:
        """Return one of the sites."""
        return self.random.choice(self.world.sites)


class Planted(NamedTuple):
    """A log with a fault in it, and a clause that says which one."""

    arrivals: list[Arrival]
    words: str


class Fault(Struct, frozen=True):
    """One kind of fault.

    ``happens``: it is something that truly happens, and not what a source makes of it. ``traces``
    are the names of what tells of it, any of them.

    ``gap``: the product is known not to bear it, for the reason that it gives.
    """

    name: str
    plant: Callable[[Sequence[Arrival], Draw], Planted]
    traces: tuple[str, ...]
    happens: bool = False
    gap: str = ""


Chosen = Callable[[Arrival], bool]
Change = Callable[[Arrival], Arrival]
Scope = Literal["everywhere", "site"]


def of_kind(draw: Draw, kind: Kind, scope: Scope, since: float, until: float) -> tuple[Chosen, str]:
    """Return what chooses the records of a kind, of all sites or one, that happen in some time."""
    site = draw.site() if scope == "site" else None

    def chosen(one: Arrival) -> bool:
        in_time = since <= one.happened < until
        return one.kind == kind and in_time and (site is None or one.site == site)

    return chosen, f"{kind} {'everywhere' if site is None else f'of {site}'}"


def changed(arrivals: Sequence[Arrival], chosen: Chosen, change: Change) -> list[Arrival]:
    """Return the arrivals with those that are chosen changed."""
    return [change(one) if chosen(one) else one for one in arrivals]


def with_fields(one: Arrival, **fields: object) -> Arrival:
    """Return an arrival whose record has these fields."""
    record: Record = {**one.record, **fields}
    return structs.replace(one, record=record)


def some(draw: Draw, share: float) -> Callable[[str], bool]:
    """Return what says yes to a share of all ids, to each always the same."""
    salt = str(draw.random.random())
    known: dict[str, bool] = {}

    def chosen(name: str) -> bool:
        if name not in known:
            known[name] = Random(salt + name).random() < share  # noqa: S311 - a world, no secret
        return known[name]

    return chosen


def in_order(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return them as they arrive; those of one moment in the order in which they stand."""
    return sorted(arrivals, key=lambda one: one.at)


def days_since(world: World, at: float) -> int:
    """Return the number of the day of a moment, from 0."""
    return int((at - world.begins) // DAY)


Traces = Mapping[str, int]
