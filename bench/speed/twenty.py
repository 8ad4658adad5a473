"""What `detect` costs with twenty patterns, each with evidence of its own; stand-ins among them."""

import tempfile
from pathlib import Path
from typing import Final, cast

import msgspec

from bench.speed.detect import detection_of, print_multiples
from detectors.patterns import Patterns
from detectors.patterns.account.clawback_cliff import ClawbackCliff
from detectors.patterns.account.quick_cancellation import QuickCancellation
from detectors.patterns.sale.pushed_sale import PushedSale
from detectors.settings import Settings, ShadowNull
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation

PATTERNS: Final = 20
AIM: Final = 15
WINDOWS: Final = ("10d", "30d")
"""Of the stand-ins, by turns."""
NULL_OF_FEW: Final = ShadowNull(one_in=4)


def run() -> None:
    """Print the price of an event as a multiple of bare decoding, with few patterns and many."""
    with tempfile.TemporaryDirectory() as folder:
        simulation = SimulationSettings(agents=200, days=120, seed=1)
        path, _ = write_simulation(simulation, Path(folder))
        records = path.read_bytes().splitlines()
    many = Settings(patterns=twenty_patterns())
    named = {
        "the patterns that are on by default": Settings(),
        f"{PATTERNS} patterns (aim: at most {AIM} x)": many,
        f"{PATTERNS} patterns, null of 1 agent in 4": msgspec.structs.replace(
            many, shadow_null=NULL_OF_FEW
        ),
    }
    detection_of(records[:50_000], many)  # compiles, and fills the caches
    print_multiples(records, named)


def twenty_patterns() -> Patterns:
    """Return a registry in which everything is on, with as many stand-ins as it takes."""
    known = Patterns(
        pushed_sale=PushedSale(enabled=True), clawback_cliff=ClawbackCliff(enabled=True)
    )
    lines = {name: getattr(known, name) for name in known.__struct_fields__}
    for number in range(PATTERNS - len(known.enabled())):
        stand_in = _stand_in(f"stand_in_{number:02d}", WINDOWS[number % len(WINDOWS)])
        lines[stand_in.name] = stand_in
    registry = msgspec.defstruct(
        "Twenty",
        [(name, type(pattern), pattern) for name, pattern in lines.items()],
        bases=(Patterns,),
        frozen=True,
        kw_only=True,
    )
    return cast("Patterns", registry())


def _stand_in(name: str, window: str) -> QuickCancellation:
    """Return a pattern of another name that asks what `quick_cancellation` asks."""
    kind = msgspec.defstruct(
        name, (), bases=(QuickCancellation,), namespace={"name": name}, frozen=True, kw_only=True
    )
    return cast("QuickCancellation", kind(window=window, early=False))


if __name__ == "__main__":
    run()
