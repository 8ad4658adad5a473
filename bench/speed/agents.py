"""What an event costs with more agents, and how much memory the process takes."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final, NamedTuple

from bench.speed.detect import bare_decoding
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation

SIZES: Final = ((200, 320), (2_000, 60), (20_000, 40))
"""Agents and days. The last has 1.36 million accounts; the first pays more for its many days."""
DECODED: Final = 200_000
"""Lines that are decoded for comparison."""
_FEW: Final = 10
"""Lines that take no time beside the start of the process."""
AIM: Final = 1.2
AIM_MEGABYTES: Final = 800


class Cost(NamedTuple):
    """Seconds of the processor, and the most memory at a time."""

    seconds: float
    megabytes: float


def run() -> None:
    """Print the price of an event, as a multiple of decoding and of that with the fewest agents."""
    print(f"aim: at most {AIM - 1:+.0%}, and {AIM_MEGABYTES} MB with the most agents")
    first = 0.0
    for agents, days in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            simulation = SimulationSettings(agents=agents, days=days, seed=1)
            path, truth = write_simulation(simulation, Path(folder))
            with path.open("rb") as file:
                lines = [line for line, _ in zip(file, range(DECODED), strict=False)]
            few = path.with_name("few.jsonl")
            few.write_bytes(b"".join(lines[:_FEW]))
            before, start = bare_decoding(lines), detect(few)
            cost, after = detect(path), bare_decoding(lines)
        bare = (before + after) / 2 / len(lines)
        events = sum(truth.events.values())
        each = (cost.seconds - start.seconds) / events
        first = first or each / bare
        print(
            f"  {agents:6,} agents, {days:3} days, {events:9,} events: {1e6 * each:5.1f} µs, "
            f"{each / bare:5.1f} x, {each / bare / first - 1:+.0%}; {cost.megabytes:5,.0f} MB",
            flush=True,
        )


def detect(path: Path) -> Cost:
    """Return what `aboveboard detect` costs on a file."""
    process = subprocess.Popen(
        [sys.executable, "-m", "streams", "detect", str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1_024)


if __name__ == "__main__":
    run()
