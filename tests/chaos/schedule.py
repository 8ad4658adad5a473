"""What happens when, drawn from a seed: the same seed, the same faults at the same moments."""

import random
from collections.abc import Sequence
from enum import StrEnum
from itertools import accumulate
from typing import Final

from msgspec import Struct

BACKLOG: Final = 0.1
"""Share of the records that wait in the topics when the first worker starts."""

AIMED_SHARE: Final = 0.6
"""Share of the kills that wait until the worker has applied events, and written state for them."""


class Kind(StrEnum):
    """Faults that the harness knows."""

    KILL = "kill -9 of a worker"
    SCALE_DOWN = "SIGTERM of a worker, which stays away for a while"
    RESTART = "SIGTERM of a worker, started again at once"
    FREEZE = "SIGSTOP of a worker past its session, then SIGCONT"
    BROKER_STOP = "stop and start of the broker"
    BROKER_KILL = "kill -9 and start of the broker"
    DISK_FULL = "full disk under the state folder"
    FOLDER_LOST = "state folder replaced by a file, and kill -9"
    WRONG_CLOCK = "a worker under a clock that is wrong by 60 days"
    FOREIGN = "records of another program in every topic"
    KILL_KEEPER = "kill -9 of a keeper of cases"
    FREEZE_KEEPER = "SIGSTOP of a keeper of cases, then SIGCONT"
    KILL_NOTIFIER = "kill -9 of a notifier"
    FREEZE_NOTIFIER = "SIGSTOP of a notifier past its session, then SIGCONT"


KILLS: Final = frozenset({Kind.KILL, Kind.KILL_KEEPER, Kind.KILL_NOTIFIER})


class Fault(Struct, frozen=True):
    """A fault at a moment (seconds from the start of sending).

    ``chance``, in [0, 1), chooses the worker; ``seconds`` is how long the fault lasts. One that is
    ``at_work`` waits, but not for long, until the worker is seen to apply events; a kill then waits
    for the moment between state and commit, or what a keeper or a notifier has like it.
    """

    at: float
    kind: Kind
    chance: float
    seconds: float = 0.0
    at_work: bool = False


class Burst(Struct, frozen=True):
    """At a moment, records up to (not including) this one are sent as fast as they go."""

    at: float
    end: int


class Form(Struct, frozen=True):
    """How much of everything."""

    events: int
    seconds: float
    bursts: int
    faults: dict[Kind, int]
    accidents: bool = False
    """Whether the installation is ruined in the end, to see what its workers say."""
    rests_under_wrong_clock: bool = False
    """Whether all sources are silent for a while before a worker whose clock is wrong."""


SHORT: Final = Form(
    events=25_000,
    seconds=30.0,
    bursts=40,
    faults={
        Kind.KILL: 4,
        Kind.FREEZE: 1,
        Kind.BROKER_KILL: 1,
        Kind.SCALE_DOWN: 1,
        Kind.WRONG_CLOCK: 1,
        Kind.FOREIGN: 1,
        Kind.KILL_KEEPER: 1,
        Kind.FREEZE_KEEPER: 1,
        Kind.KILL_NOTIFIER: 1,
        Kind.FREEZE_NOTIFIER: 1,
    },
)

LONG: Final = Form(
    events=300_000,
    seconds=330.0,
    bursts=300,
    faults={
        Kind.KILL: 24,
        Kind.SCALE_DOWN: 4,
        Kind.RESTART: 3,
        Kind.FREEZE: 3,
        Kind.BROKER_STOP: 2,
        Kind.BROKER_KILL: 2,
        Kind.DISK_FULL: 2,
        Kind.FOLDER_LOST: 2,
        Kind.WRONG_CLOCK: 4,
        Kind.FOREIGN: 4,
        Kind.KILL_KEEPER: 10,
        Kind.FREEZE_KEEPER: 4,
        Kind.KILL_NOTIFIER: 10,
        Kind.FREEZE_NOTIFIER: 4,
    },
    accidents=True,
    rests_under_wrong_clock=True,
)

_LASTS: Final = {
    Kind.SCALE_DOWN: (3.0, 9.0),
    Kind.WRONG_CLOCK: (4.0, 9.0),
    Kind.FREEZE: (5.0, 9.0),
    Kind.FREEZE_KEEPER: (1.0, 9.0),
    Kind.FREEZE_NOTIFIER: (4.0, 9.0),
    Kind.BROKER_STOP: (0.5, 3.0),
    Kind.BROKER_KILL: (0.5, 2.0),
    Kind.DISK_FULL: (3.0, 8.0),
    Kind.FOLDER_LOST: (3.0, 6.0),
}


class Schedule(Struct, frozen=True):
    """Bursts and faults, each in the order of time."""

    seed: int
    bursts: Sequence[Burst]
    faults: Sequence[Fault]


def draw(form: Form, records: int, seed: int) -> Schedule:
    """Draw the schedule of a run that sends so many records."""
    chance = random.Random(seed)  # noqa: S311 - a seed must give the same faults again
    bursts = _bursts(form, records, chance)
    kinds = [kind for kind, count in form.faults.items() for _ in range(count)]
    chance.shuffle(kinds)
    faults = []
    for number, kind in enumerate(kinds):
        # One in each equal stretch of time, somewhere in it; none before the first bursts.
        begin, stretch = 0.06 * form.seconds, 0.9 * form.seconds / len(kinds)
        at = begin + stretch * (number + chance.random())
        at_work = kind is Kind.FREEZE or (kind in KILLS and chance.random() < AIMED_SHARE)
        seconds = chance.uniform(*_LASTS.get(kind, (0.0, 0.0)))
        faults.append(Fault(at, kind, chance.random(), seconds, at_work))
    return Schedule(seed, bursts, sorted(faults, key=lambda fault: fault.at))


def _bursts(form: Form, records: int, chance: random.Random) -> list[Burst]:
    waiting = int(records * BACKLOG)
    sizes = [chance.expovariate(1.0) for _ in range(form.bursts)]
    reached = accumulate(sizes)
    times = sorted(chance.uniform(0.0, form.seconds) for _ in range(form.bursts))
    share = (records - waiting) / sum(sizes)
    ends = [waiting + int(share * upto) for upto in reached]
    ends[-1] = records
    return [Burst(0.0, waiting), *map(Burst, times, ends)]
