"""`make edges`: faults at the edge to the world, planted into honest worlds; a page of results.

Usage: ``python -m bench.edges [--seeds N] [--resume] [--page FILE] [--seed S ...]``
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from bench.edges.acts import done_acts
from bench.edges.delay import Delay, measured_delays
from bench.edges.page import page_of
from bench.edges.running import Result, run
from streams.memory import rare_collections

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "edges.md"
RESULTS: Final = ROOT / "build" / "edges.jsonl"
DELAYS: Final = ROOT / "build" / "edges-delays.json"
SEEDS: Final = 200


def main(arguments: Sequence[str]) -> None:
    """Run all seeds and write the page, or those named and print a line about each."""
    parser = argparse.ArgumentParser(prog="make edges", description=__doc__)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="how many, from 0 on")
    parser.add_argument("--seed", type=int, nargs="+", help="only these, and no page")
    parser.add_argument("--resume", action="store_true", help=f"go on with {RESULTS.name}")
    parser.add_argument("--page", type=Path, default=PAGE, help="where it is written")
    given = parser.parse_args(arguments)
    with rare_collections():
        if given.seed:
            for seed in given.seed:
                _tell(run(seed), whole=True)
            return
        results = list(_all(given.seeds, resume=given.resume))
        delays = _delays(resume=given.resume)
        given.page.write_text(page_of(results, delays, done_acts()), encoding="utf-8")


def _all(seeds: int, *, resume: bool) -> Iterator[Result]:
    RESULTS.parent.mkdir(exist_ok=True)
    if not resume:
        RESULTS.unlink(missing_ok=True)
    known = {one.seed: one for one in _known()}
    with RESULTS.open("ab") as file:
        for seed in range(seeds):
            result = known.get(seed)
            if result is None:
                result = run(seed)
                file.write(msgspec.json.encode(result) + b"\n")
                file.flush()
                _tell(result)
            yield result


def _delays(*, resume: bool) -> list[Delay]:
    if not (resume and DELAYS.exists()):
        DELAYS.write_bytes(msgspec.json.encode(list(measured_delays())) + b"\n")
    return msgspec.json.decode(DELAYS.read_bytes(), type=list[Delay])


def _known() -> Iterator[Result]:
    if RESULTS.exists():
        for line in RESULTS.read_bytes().splitlines():
            yield msgspec.json.decode(line, type=Result)


def _tell(result: Result, *, whole: bool = False) -> None:
    faults = "; ".join(f"{name} ({words})" for name, words in result.faults.items())
    agents = sum(one.subject == "agent" for one in result.warned)
    sys.stdout.write(
        f"{result.seed}: {result.size}: {faults}: {agents} agents warned of, "
        f"{result.false_open} of {result.false_ever} false findings stand, "
        f"{result.seconds:.0f} s\n"
    )
    if whole:
        for one in result.warned:
            sys.stdout.write(f"  {one.severity} {one.pattern} {one.subject} {one.id}\n")
        sys.stdout.write(f"  {', '.join(result.examples)}\n  {result.traces} {result.told}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
