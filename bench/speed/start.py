"""Seconds until `detect` has read ten lines: with warm caches, and the first time ever."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from time import perf_counter
from typing import Final

from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation

LINES: Final = 10
DAYS: Final = 60
"""Days after which everything that is compiled has been used."""
ROUNDS: Final = 5
AIM_WARM, AIM_FIRST = 1, 20
"""Seconds."""


def run() -> None:
    """Print how long it takes, and how much of the processor."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        events, _ = write_simulation(SimulationSettings(agents=20, days=DAYS, seed=1), folder)
        ten = folder / "ten.jsonl"
        ten.write_bytes(b"\n".join(events.read_bytes().splitlines()[:LINES]) + b"\n")
        caches = {"NUMBA_CACHE_DIR": str(folder / "caches")}
        first, used_first = _seconds(events, caches)
        again, _ = _seconds(events, caches)
        warm = [_seconds(ten, caches) for _ in range(ROUNDS)]
    seconds, used = median(one for one, _ in warm), median(one for _, one in warm)
    print(f"  {LINES} lines, caches warm    {seconds:5.1f} s ({used:.1f} of CPU; aim: {AIM_WARM})")
    print(
        f"  {DAYS} days, first run ever {first:5.1f} s ({used_first:.1f} of CPU; aim: {AIM_FIRST})"
    )
    print(f"  {DAYS} days, caches warm    {again:5.1f} s")


def _seconds(path: Path, more: Mapping[str, str]) -> tuple[float, float]:
    """Return how long `detect` takes, and how much of it the processor works for it."""
    used, began = getrusage(RUSAGE_CHILDREN).ru_utime, perf_counter()
    subprocess.run(
        [sys.executable, "-m", "streams", "detect", str(path)],
        env=os.environ | more,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    return perf_counter() - began, getrusage(RUSAGE_CHILDREN).ru_utime - used


if __name__ == "__main__":
    run()
