"""All worlds and all rivals, in two processes."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np

from bench.yardstick.contest import CONTESTS, Entry
from bench.yardstick.measuring import Measured
from bench.yardstick.running import run, run_with_trials
from bench.yardstick.trials import Trials, joined
from bench.yardstick.worlds import PLANTED, STANDARD, World

PROCESSES: Final = 2


def two_processes() -> Executor:
    """Return the pool in which everything runs; a child must not inherit threads."""
    return ProcessPoolExecutor(PROCESSES, get_context("spawn"))


def measure_worlds(
    worlds: Mapping[str, World],
    pool: Executor,
    folder: Path,
    tell: Callable[[str, Measured], None],
) -> dict[str, Measured]:
    """Measure worlds and `tell` of each when it is done; `folder` keeps trials for the rivals."""
    tasks = {
        name: [pool.submit(_one_run, name, world, number, folder) for number in range(world.runs)]
        for name, world in worlds.items()
    }
    results: dict[str, Measured] = {}
    for name, runs in tasks.items():
        measured = results[name] = Measured()
        for task in runs:
            measured.add(task.result())
        tell(name, measured)
    return results


def contest(pool: Executor, folder: Path) -> list[Entry]:
    """Let all rivals compete on the trials that `measure_worlds` has kept."""
    tasks = [pool.submit(_one_contest, name, folder) for name in CONTESTS]
    return [entry for task in tasks for entry in task.result()]


def _one_run(name: str, world: World, number: int, folder: Path) -> Measured:
    seed = [crc32(name.encode()), number]
    if name not in (STANDARD, PLANTED):
        return run(world, seed)
    measured, trials = run_with_trials(world, seed)
    if name == PLANTED:
        trials = trials.only(np.flatnonzero(trials.percent))
    trials.save(folder / f"{name}-{number}.npz")
    return measured


def _one_contest(name: str, folder: Path) -> list[Entry]:
    honest, bad = (
        joined([Trials.load(path) for path in sorted(folder.glob(f"{world}-*.npz"))])
        for world in (STANDARD, PLANTED)
    )
    return CONTESTS[name](honest, bad)
