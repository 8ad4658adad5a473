"""What events cost under some settings, as multiples of bare decoding, in turns within one run."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from bench.speed.detect import bare_decoding, detection_of
from detectors.settings import Settings

ROUNDS: Final = 3


def print_multiples(records: Sequence[bytes], named: Mapping[str, Settings]) -> None:
    """Print the median price of an event under each of some settings."""
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
