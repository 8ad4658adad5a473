"""Small honest worlds, as records that arrive: what faults are planted into."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from math import inf
from random import Random
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings

Record = dict[str, Any]
"""A JSON object as a source sends it; never changed in place."""

Kind = Literal["sale", "cancellation", "account_activity"]
KINDS: Final[tuple[Kind, ...]] = ("sale", "cancellation", "account_activity")

HOUR: Final = 3_600.0
DAY: Final = 86_400.0
USE: Final = frozenset({"login", "usage", "payment", "deposit", "withdrawal"})
UNUSED_WINDOW: Final = 30 * DAY


class Arrival(Struct, frozen=True):
    """A record, when it arrives, and what it truly is: faults change the first two only.

    ``at`` and ``happened`` are seconds since 1970, ``account`` is the true id. ``site``, ``team``
    and ``agent`` are those of the sale on that account. A ``misplaced`` one goes to another
    partition than its account's.
    """

    at: float
    record: Record
    kind: Kind
    happened: float
    account: str
    site: str | None
    team: str | None
    agent: str | None
    misplaced: bool = False


class Size(Struct, frozen=True):
    """Of a world: so many agents with so many sales a working day each, for so many days."""

    name: str
    agents: int
    sales_per_day: float
    days: int = 120
    partitions: int = 1


ORDINARY: Final = Size("ordinary", 40, 2.5)
SPREAD: Final = Size("spread", 40, 2.5, partitions=3)
SMALL: Final = Size("small", 15, 0.8)
TINY: Final = Size("tiny", 6, 0.5)
"""It tells of fewer than twenty accounts a week."""

SIZES: Final = (ORDINARY, SPREAD, ORDINARY, SMALL, SPREAD, TINY)


class World(Struct, frozen=True):
    """One honest world; ``begins`` and ``ends`` in seconds since 1970, ``sites`` by name."""

    size: Size
    begins: float
    ends: float
    sites: tuple[str, ...]
    teams: tuple[str, ...]
    arrivals: list[Arrival]


def honest_world(size: Size, seed: int) -> World:
    """Simulate a world in which nobody was planted; every record arrives as it happens."""
    settings = SimulationSettings(
        agents=size.agents,
        days=size.days,
        seed=seed,
        sales_per_day=size.sales_per_day,
        planted_share=0.0,
    )
    sold: dict[str, Record] = {}
    arrivals: list[Arrival] = []
    for line in simulate(settings):
        record: Record = msgspec.json.decode(line)
        if record["type"] == "sale":
            sold.setdefault(record["account_id"], record)
        arrivals.append(arrival_of(record, sold[record["account_id"]]))
    begins = settings.begins_at.timestamp()
    return World(
        size,
        begins,
        begins + size.days * DAY,
        tuple(sorted({one.site for one in arrivals if one.site is not None})),
        tuple(sorted({one.team for one in arrivals if one.team is not None})),
        arrivals,
    )


def arrival_of(record: Record, sold: Record, at: float | None = None) -> Arrival:
    """Return the arrival of a record on the account of a sale, by default as it happens."""
    happened = seconds(record["occurred_at"])
    return Arrival(
        happened if at is None else at,
        record,
        record["type"],
        happened,
        record["account_id"],
        sold.get("site"),
        sold.get("team"),
        sold["agent_id"],
    )


def seconds(stamp: str) -> float:
    """Return a time of the simulation in seconds since 1970."""
    return datetime.fromisoformat(stamp).timestamp()


def stamp(at: float) -> str:
    """Return seconds since 1970 as sources send them."""
    told = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return told.replace("+00:00", "Z")


def seeded(*seeds: int) -> Random:
    """Return a source of chance of its own for these numbers."""
    return Random(" ".join(map(str, seeds)))  # noqa: S311 - a world, and no secret


def truly_fine(arrivals: Iterable[Arrival]) -> frozenset[str]:
    """Return the accounts of which no sale was left unused: used in its window, or cancelled.

    It is asked of what truly happened, before any record was spoilt.
    """
    sold: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    known: defaultdict[str, list[float]] = defaultdict(list)
    for one in arrivals:
        record = one.record
        if one.kind == "sale":
            sold[one.account].append((record["sale_id"], one.happened))
        elif record["initiated_by"] != "customer":
            continue
        elif one.kind == "cancellation":
            known[record["sale_id"]].append(one.happened)
        elif record["kind"] in USE and record.get("agent_id") is None:
            known[one.account].append(one.happened)
    return frozenset(
        account
        for account, sales in sold.items()
        if all(
            _within((*known.get(account, ()), *known.get(sale_id, ())), at, at + UNUSED_WINDOW)
            for sale_id, at in sales
        )
    )


def agent_years(arrivals: Iterable[Arrival]) -> float:
    """Return for how long agents sold, from the first sale of each to the last, in years."""
    first, last = dict[str, float](), defaultdict[str, float](lambda: -inf)
    for one in arrivals:
        if one.kind == "sale" and one.agent is not None:
            first.setdefault(one.agent, one.happened)
            last[one.agent] = max(last[one.agent], one.happened)
    return sum(last[agent] - since for agent, since in first.items()) / (365.25 * DAY)


def _within(times: Sequence[float], since: float, until: float) -> bool:
    return any(since <= at <= until for at in times)
