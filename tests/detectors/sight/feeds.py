"""Small worlds of facts, and what ledgers that know a part of them tell by the end of each day."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from random import Random
from typing import Final, NamedTuple

import msgspec

from detectors.basis.event_time import Day
from detectors.messages.seen import AGENT_GROUPS, DAYS_TOLD, YOUNG, Seen, group_of
from detectors.settings import Settings
from detectors.sight.sight import Sight, SightState
from detectors.sight.stretch import Stretch

SETTINGS: Final = Settings()
DAYS: Final = 45


class Fact(NamedTuple):
    """An account: its site, the days of its sale, first use and cancellation, and who sold it."""

    site: str | None
    sold: int
    used: int | None
    cancelled: int | None
    agent: str | None = None


def seeded(seed: int) -> Random:
    return Random(seed)  # noqa: S311 - a world, and no secret


Lost = Callable[[Fact, int], bool]
"""Says whether what happened to an account on a day was lost."""


def nothing_lost(fact: Fact, day: int) -> bool:
    del fact, day
    return False


def world(
    random: Random, daily: int = 6, lost: Lost = nothing_lost, days: int = DAYS
) -> list[Fact]:
    """Return sales of three sites and of none; all are used soon, one in ten is cancelled."""
    facts = []
    for day in range(days):
        for site in ("leeds", "porto", "riga", None):
            for number in range(daily):
                used: int | None = day + random.randrange(4)
                cancelled = day + random.randrange(5) if random.random() < 0.1 else None
                fact = Fact(site, day, used, cancelled, f"agent {number} of {site}")
                if used is not None and lost(fact, used):
                    used = None
                facts.append(fact._replace(used=used))
    return facts


class Part:
    """What one ledger knows, counted by site and day."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._sites: Final = sorted({fact.site for fact in facts}, key=lambda one: one or "")
        self._sold: Final = Counter((fact.site, fact.sold) for fact in facts)
        self._used: Final = Counter((fact.site, fact.used) for fact in facts)
        self._cancelled: Final = Counter((fact.site, fact.cancelled) for fact in facts)
        self._cohorts: Final = defaultdict[tuple[str | None, int], list[Fact]](list)
        for fact in facts:
            self._cohorts[fact.site, fact.sold].append(fact)

    def seen(self, day: int) -> dict[Day, list[Seen]]:
        """Return what it tells by the end of a day."""
        days = range(day - DAYS_TOLD + 1, day + 1)
        seen = [
            Seen(
                site,
                self._sold[site, day],
                tuple(self._used[site, at] for at in days),
                tuple(self._cancelled[site, at] for at in days),
                *self._came(site, day),
            )
            for site in self._sites
        ]
        return {Day(day): seen}

    def _came(self, site: str | None, day: int) -> tuple[tuple[int, ...], ...]:
        """Return of the oldest young sales, by groups of agents, how many there are, and in use."""
        sold = [
            fact
            for fact in self._cohorts[site, day - YOUNG + 1]
            if fact.cancelled is None or fact.cancelled > day
        ]
        groups = [group_of(fact.agent) for fact in sold]
        used = [
            group
            for group, fact in zip(groups, sold, strict=True)
            if fact.used is not None and fact.used <= day
        ]
        counted = Counter(groups), Counter(used)
        return tuple(tuple(one[group] for group in range(AGENT_GROUPS)) for one in counted)


def copied(state: SightState) -> SightState:
    """Send a state through bytes, as a restart does."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=SightState)


class Telling(NamedTuple):
    """How what was seen comes to a `Sight`: dealt to so many ledgers, repeated, with restarts."""

    ledgers: int = 1
    repeats: bool = False
    restarts: bool = False


def blind_by_day(
    facts: Sequence[Fact],
    telling: Telling,
    random: Random,
    sight_type: type[Sight] = Sight,
    days: int = DAYS,
) -> list[tuple[Stretch, ...]]:
    """Return the stretches as of the end of each day."""
    parts: list[list[Fact]] = [[] for _ in range(telling.ledgers)]
    for fact in facts:
        parts[random.randrange(telling.ledgers)].append(fact)
    ledgers = [Part(part) for part in parts]
    sight, found = sight_type(SETTINGS), list[tuple[Stretch, ...]]()
    for day in range(days):
        messages = [(ledger, part.seen(day)) for ledger, part in enumerate(ledgers)]
        if telling.repeats:
            messages += random.choices(messages, k=2)
            if day:
                messages.append((0, ledgers[0].seen(day - 1)))
        random.shuffle(messages)
        for ledger, seen in messages:
            sight.receive(ledger, seen, Day(day) if day else None)
            if telling.restarts and random.random() < 0.2:
                state = copied(sight.snapshot())
                sight = sight_type(SETTINGS)
                sight.restore(state)
        found.append(tuple(sorted(sight.close(Day(day)).stretches)))
    return found
