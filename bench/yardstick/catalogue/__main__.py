"""`python -m bench.yardstick.catalogue`: all patterns at once, into a section of the yardstick."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec import structs

from bench.yardstick.campaign import two_processes
from bench.yardstick.catalogue.measuring import Measured
from bench.yardstick.catalogue.section import section
from bench.yardstick.catalogue.worlds import WORLDS, timed
from bench.yardstick.sections import CATALOGUE, replaced

PAGE: Final = Path(__file__).parents[3] / "docs" / "yardstick.md"


def main(arguments: Sequence[str]) -> None:
    """Measure all worlds, and write the section into the page or, with ``--print``, to stdout."""
    parser = argparse.ArgumentParser(prog="python -m bench.yardstick.catalogue")
    parser.add_argument("world", nargs="*", help=f"all, or some of {', '.join(WORLDS)}")
    parser.add_argument("--agents", type=int, help="of each run")
    parser.add_argument("--days", type=int, help="of each run")
    parser.add_argument("--runs", type=int, help="of each world")
    parser.add_argument("--print", action="store_true", help="write the section to stdout")
    given = parser.parse_args(arguments)
    sizes = {
        name: size
        for name in ("agents", "days", "runs")
        if (size := getattr(given, name)) is not None
    }
    if unknown := set(given.world) - WORLDS.keys():
        parser.error(f"no world {', '.join(sorted(unknown))}: {', '.join(WORLDS)}")
    worlds = {name: structs.replace(WORLDS[name], **sizes) for name in given.world or WORLDS}
    with two_processes() as pool:
        tasks = {
            name: [pool.submit(timed, world, number) for number in range(world.runs)]
            for name, world in worlds.items()
        }
        results, seconds = {name: Measured() for name in worlds}, 0.0
        for name, runs in tasks.items():
            for task in runs:
                measured, spent = task.result()
                results[name].add(measured)
                seconds += spent
            sys.stderr.write(f"{name}: {sum(results[name].false.values())} false alarms in ")
            sys.stderr.write(f"{results[name].honest_years:,.0f} agent-years\n")
    text = section(worlds, results, seconds)
    if given.print:
        sys.stdout.write(f"{text}\n")
    else:
        page = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(replaced(page, CATALOGUE, text), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
