"""Microseconds per outcome of the evidence table, Python overhead included."""

from time import perf_counter

import numpy as np

from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable

OUTCOMES = 240_000


def run() -> None:
    """Print the cost per outcome for several batch sizes and numbers of agents."""
    print("evidence: microseconds per outcome, untempered and at 7/8 (aim: at most 0.45 and 0.8)")
    for agents in (200, 2_000):
        for size in (60, 600, 6_000):
            plain, tempered = (
                1e6 * _seconds_per_outcome(agents, size, tempering) for tempering in (1.0, 0.875)
            )
            print(f"  {agents:5d} agents, batches of {size:5d}: {plain:6.3f} {tempered:6.3f}")


def _seconds_per_outcome(agents: int, size: int, tempering: float) -> float:
    table = EvidenceTable(Prior(0.25), agents)
    for _ in range(agents):
        table.add()
    random = np.random.default_rng(1)
    batches = [
        (
            random.integers(0, agents, size),
            np.full(size, day, np.int64),
            random.uniform(0.01, 0.2, size),
            random.random(size) < 0.06,
        )
        for day in range(OUTCOMES // size)
    ]
    table.observe(*batches[0], exponents=round(16 * tempering))  # the first call compiles
    began = perf_counter()
    for batch in batches[1:]:
        table.observe(*batch, exponents=round(16 * tempering))
    return (perf_counter() - began) / (size * (len(batches) - 1))


if __name__ == "__main__":
    run()
