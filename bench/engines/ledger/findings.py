"""What was measured of the ledger's job, and how far ahead we are, or behind."""

from typing import Final

from msgspec import Struct, field

from bench.engines.findings import OURS, Run, middle

CORES: Final = (1, 2)


class LedgerFindings(Struct):
    """Runs of one host by its number of cores, and what failed."""

    title: str
    versions: str
    durable: str
    runs: dict[int, list[Run]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


LedgerFound = dict[str, LedgerFindings]
"""By the names of the hosts."""


class Standing(Struct, frozen=True):
    """How we stand beside another host: ratios of medians, above 1 where we are ahead."""

    rate: float
    cpu: float


def standing(found: LedgerFound, name: str, cores: int) -> Standing | None:
    """Return how we stand beside a host on so many cores; None for ourselves and the unmeasured."""
    if name == OURS or OURS not in found:
        return None
    ours, theirs = found[OURS].runs.get(cores), found[name].runs.get(cores)
    if not ours or not theirs:
        return None
    return Standing(
        middle([run.rate for run in ours]) / middle([run.rate for run in theirs]),
        middle([run.cpu for run in theirs]) / middle([run.cpu for run in ours]),
    )
