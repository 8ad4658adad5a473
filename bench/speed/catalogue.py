"""What `detect` costs with the whole catalogue of patterns on, where each of them is planted."""

import tempfile
from pathlib import Path
from statistics import median
from typing import Final

from bench.speed.detect import bare_decoding, detection_of
from bench.yardstick.catalogue.worlds import CONFIG
from detectors.settings import Settings
from streams.files.settings import settings_from
from streams.simulation.planted import FORMS
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation

ROUNDS: Final = 3
AIM: Final = 15


def run() -> None:
    """Print the price of an event as a multiple of bare decoding, with few patterns and all."""
    with tempfile.TemporaryDirectory() as folder:
        simulation = SimulationSettings(agents=100, days=120, seed=1, also_planted=tuple(FORMS))
        path, _ = write_simulation(simulation, Path(folder))
        records = path.read_bytes().splitlines()
    named = {
        "the patterns that are on by default": Settings(),
        f"the whole catalogue (aim: at most {AIM} x)": settings_from(CONFIG),
    }
    for settings in named.values():
        detection_of(records[:20_000], settings)  # compiles, and fills the caches
    bare: list[float] = []
    whole: dict[str, list[float]] = {name: [] for name in named}
    for _ in range(ROUNDS):
        bare.append(bare_decoding(records))
        for name, settings in named.items():
            whole[name].append(detection_of(records, settings))
    print(f"  {len(records):,} events, medians of {ROUNDS} rounds")
    for name, seconds in whole.items():
        each = 1e6 * median(seconds) / len(records)
        print(f"  {name:42s} {each:6.2f} µs an event, {median(seconds) / median(bare):5.1f} x")


if __name__ == "__main__":
    run()
