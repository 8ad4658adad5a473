"""What the comparison found, and the numbers that follow from it."""

from collections.abc import Sequence
from statistics import median
from typing import Final

from msgspec import Struct, field

from bench.engines.latency_schedule import Latencies

OURS: Final = "aboveboard"
NOTHING: Final = "-"
"""Stands where nothing was measured."""
MILLION: Final = 1_000_000
HUNDRED_THOUSAND: Final = 100_000

MOST_HOST_CPU: Final = 10.0
"""Microseconds an event that our host may take for itself."""

SHARE_OF: Final = {"bytewax": 0.8, "quix": 1 / 3, "faust": 1 / 30}
"""What our host may take, as a share of what another takes."""

MOST_RECOVERY: Final = {HUNDRED_THOUSAND: 3.0, MILLION: 25.0}
MOST_LATENCY: Final = 0.25


class Run(Struct, frozen=True):
    """What one run gave: `cpu` is microseconds an event, `memory` the peak in bytes.

    `alone` is what the detectors without an engine took for the same events in the same round.
    """

    rate: float
    cpu: float
    memory: int
    alone: float = 0.0

    @property
    def host(self) -> float:
        """Return what the engine took for itself, microseconds an event."""
        return self.cpu - self.alone


class Restart(Struct, frozen=True):
    """Seconds from the start of a process to its first events, and its peak memory in bytes."""

    seconds: float
    memory: int


class AtRate(Struct, frozen=True):
    """Latencies under so many events a second."""

    rate: float
    latencies: Latencies


class Findings(Struct):
    """Everything that was measured of one engine; restarts by the number of open accounts."""

    runs: list[Run] = field(default_factory=list)
    restarts: dict[int, Restart] = field(default_factory=dict)
    half: AtRate | None = None
    common: AtRate | None = None
    faults: list[str] = field(default_factory=list)

    def recovery(self, accounts: int) -> float | None:
        """Return the seconds that so many open accounts add to a restart."""
        if accounts not in self.restarts or 0 not in self.restarts:
            return None
        return self.restarts[accounts].seconds - self.restarts[0].seconds


class Verdict(Struct, frozen=True):
    """A promise, what it is about, and what was measured."""

    promise: str
    limit: str
    measured: str
    kept: bool


def verdicts(found: dict[str, Findings]) -> list[Verdict]:
    """Judge what can be judged of the engines that were measured."""
    judged: list[Verdict] = []
    ours = found.get(OURS, Findings())
    if ours.runs:
        own = middle([run.host for run in ours.runs])
        judged.append(_at_most("our host's CPU, µs an event", MOST_HOST_CPU, own))
        for name, share in SHARE_OF.items():
            theirs = found.get(name, Findings()).runs
            if theirs:
                ratio = own / middle([run.host for run in theirs])
                judged.append(_at_most(f"our host's CPU, as a share of {name}'s", share, ratio))
                rate = middle([run.rate for run in ours.runs])
                ahead = rate / middle([run.rate for run in theirs])
                judged.append(
                    Verdict(
                        f"our events a second, times {name}'s", "> 1", f"{ahead:.2f}", ahead > 1
                    )
                )
    for accounts, seconds in MOST_RECOVERY.items():
        recovery = ours.recovery(accounts)
        if recovery is not None:
            judged.append(_at_most(f"recovery of {accounts:,} accounts, s", seconds, recovery))
    if ours.half is not None:
        wait = ours.half.latencies.ninety_ninth
        judged.append(_at_most("p99 latency at half load, s", MOST_LATENCY, wait))
    return judged


def middle(values: Sequence[float]) -> float:
    """Return the median."""
    return float(median(values))


def with_range(values: Sequence[float], digits: int = 0) -> str:
    """Return the median, and from where to where the values lie if there are several."""
    if not values:
        return NOTHING
    text = f"{middle(values):,.{digits}f}"
    if len(values) == 1:
        return text
    return f"{text} [{min(values):,.{digits}f} to {max(values):,.{digits}f}]"


def _at_most(promise: str, limit: float, measured: float) -> Verdict:
    return Verdict(promise, f"≤ {limit:.3g}", f"{measured:.3g}", measured <= limit)
