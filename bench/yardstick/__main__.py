"""`make yardstick`: simulated worlds through the product's own stages, and a page of results."""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import structs

from bench.yardstick.campaign import contest, measure_worlds, two_processes
from bench.yardstick.figures import one_line
from bench.yardstick.measuring import Measured
from bench.yardstick.page import page_of
from bench.yardstick.sections import CATALOGUE, GOOD_SALES, kept_section
from bench.yardstick.worlds import WORLDS, smaller

PAGE: Final = Path(__file__).parents[2] / "docs" / "yardstick.md"
SMALL: Final = 60
"""Agents of a run with ``--small``: enough to see that everything runs, and nothing else."""


def main(arguments: Sequence[str]) -> None:
    """Measure all worlds and write the page, or those named and print a line about each."""
    parser = argparse.ArgumentParser(prog="python -m bench.yardstick", description=__doc__)
    parser.add_argument("world", nargs="*", help=f"all, or some of {', '.join(WORLDS)}")
    parser.add_argument("--agents", type=int, help="of a run; by default as the world has it")
    parser.add_argument("--runs", type=int, help="of each world, each with a seed of its own")
    parser.add_argument("--small", action="store_true", help=f"as --agents {SMALL} --runs 1")
    parser.add_argument("--page", type=Path, help=f"where it is written; by default {PAGE.name}")
    given = parser.parse_args(arguments)
    unknown = set(given.world) - WORLDS.keys()
    if unknown:
        parser.error(f"no world {', '.join(sorted(unknown))}: {', '.join(WORLDS)}")
    worlds = {name: WORLDS[name] for name in given.world or WORLDS}
    agents, runs = (SMALL, 1) if given.small else (given.agents, given.runs)
    for name, world in worlds.items():
        sized = smaller(world, agents) if agents else world
        worlds[name] = structs.replace(sized, runs=runs) if runs else sized
    with two_processes() as pool, tempfile.TemporaryDirectory() as folder:
        results = measure_worlds(worlds, pool, Path(folder), _tell)
        if given.world:
            return
        stands = PAGE.read_text(encoding="utf-8")
        apart = [kept_section(stands, heading) for heading in (CATALOGUE, GOOD_SALES)]
        page = page_of(worlds, results, contest(pool, Path(folder)), apart)
    if given.page or not (agents or runs):
        (given.page or PAGE).write_text(page, encoding="utf-8")
    else:
        sys.stdout.write(f"\n{page}")


def _tell(name: str, measured: Measured) -> None:
    sys.stdout.write(f"{one_line(name, measured)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
