"""How fast the read model takes alerts in, each with a revision in the log, and their cases."""

import time
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from bench.desk.crowd import ALERTS, CASES, crowd
from streams.desk.model.read_model import ReadModel

AIM: Final = 10_000
"""Alerts a second."""

_BATCH: Final = 5_000
"""Records, as the follower of topics hands them out."""


def run() -> None:
    """Print alerts a second, of the clock and of the processor."""
    records = list(crowd(CASES, ALERTS))
    with TemporaryDirectory() as folder, ReadModel(Path(folder) / "model.sqlite") as model:
        rest = iter(records)
        began, worked = time.perf_counter(), time.process_time()
        while batch := list(islice(rest, _BATCH)):
            model.take_in(batch)
        seconds, work = time.perf_counter() - began, time.process_time() - worked
        size = (Path(folder) / "model.sqlite").stat().st_size
    print(
        f"  {ALERTS:,} alerts and {CASES:,} cases in {seconds:.1f} s: {ALERTS / seconds:,.0f} "
        f"alerts/s, {ALERTS / work:,.0f} by the processor's time (aim: {AIM:,})"
    )
    print(f"  {len(records):,} records, {size / 1e6:,.0f} MB on disk")


if __name__ == "__main__":
    run()
