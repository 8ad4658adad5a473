"""What `detect` costs with the whole catalogue of patterns on, where each of them is planted."""

import tempfile
from pathlib import Path
from typing import Final

from bench.speed.detect import detection_of, print_multiples
from bench.yardstick.catalogue.worlds import CONFIG
from detectors.settings import Settings
from streams.files.settings import settings_from
from streams.simulation.planted import FORMS
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation

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
    print_multiples(records, named)


if __name__ == "__main__":
    run()
