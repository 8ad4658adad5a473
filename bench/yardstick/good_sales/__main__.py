"""`python -m bench.yardstick.good_sales`: who is commended, into a section of the yardstick."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import structs

from bench.yardstick.campaign import two_processes
from bench.yardstick.good_sales.measuring import Measured
from bench.yardstick.good_sales.section import section
from bench.yardstick.good_sales.worlds import WORLDS, timed
from bench.yardstick.sections import GOOD_SALES, replaced

PAGE: Final = Path(__file__).parents[3] / "docs" / "yardstick.md"


def main(arguments: Sequence[str]) -> None:
    """Measure all worlds, and write the section into the page or, with ``--print``, to stdout."""
    parser = argparse.ArgumentParser(prog="python -m bench.yardstick.good_sales")
    parser.add_argument("--runs", type=int, help="of each world")
    parser.add_argument("--print", action="store_true", help="write the section to stdout")
    given = parser.parse_args(arguments)
    worlds = WORLDS
    if given.runs is not None:
        worlds = {name: structs.replace(one, runs=given.runs) for name, one in WORLDS.items()}
    results, seconds = {name: Measured() for name in worlds}, 0.0
    with two_processes() as pool:
        tasks = {
            name: [pool.submit(timed, world, number) for number in range(world.runs)]
            for name, world in worlds.items()
        }
        for name, runs in tasks.items():
            for task in runs:
                measured, spent = task.result()
                results[name].add(measured)
                seconds += spent
            sys.stderr.write(f"{name}: {results[name]}\n")
    text = section(worlds, results, seconds)
    if given.print:
        sys.stdout.write(f"{text}\n")
    else:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(replaced(page, GOOD_SALES, text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
