"""Bytes of evidence, and of all that is known, of one agent and pattern."""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.decoding import EventDecoder
from detectors.evidence.journal import Entries
from detectors.evidence.recursion import EvidenceState
from detectors.pipeline import Pipeline
from detectors.settings import Settings, ShadowNull
from streams.simulation.settings import SimulationSettings
from streams.simulation.writing import write_simulation

AGENTS: Final = 1_000
DAYS: Final = 45
"""Days after which every agent has been judged by every pattern."""
AIM: Final = 4_000


def run() -> None:
    """Print both, with the shadow null of all agents and of one in four."""
    with tempfile.TemporaryDirectory() as folder:
        simulation = SimulationSettings(agents=AGENTS, days=DAYS, seed=1)
        path, _ = write_simulation(simulation, Path(folder))
        records = path.read_bytes().splitlines()
    for one_in in (1, 4):
        settings = msgspec.structs.replace(Settings(), shadow_null=ShadowNull(one_in=one_in))
        pipeline, decode = Pipeline(settings), EventDecoder(settings.limits).decode
        for record in records:
            pipeline.apply(decode(record))
        pipeline.alerts()
        tiers = len(settings.patterns.enabled()) + len(settings.patterns.early_tiers())
        evidence = sum(
            array.nbytes
            for kind in (EvidenceState, Entries)
            for state in _within(pipeline, kind)
            for array in state
        )
        owners = [array if array.base is None else array.base for array in _arrays(pipeline)]
        arrays = sum({id(array): array.nbytes for array in owners}.values())
        print(
            f"  null of one agent in {one_in}: evidence {evidence / AGENTS / tiers:,.0f} bytes an "
            f"agent and pattern (aim: {AIM:,}), all arrays {arrays / AGENTS / tiers:,.0f}"
        )


def _arrays(whole: object) -> Iterator[NDArray[Any]]:
    """Yield the arrays that are reachable; of a part of another one nobody can reach the whole."""
    yield from _within(whole, np.ndarray)


def _within(whole: object, kind: type[Any]) -> Iterator[Any]:
    """Yield the objects of a kind that are reachable from another, each once."""
    seen, waiting = {id(whole)}, [whole]
    while waiting:
        one = waiting.pop()
        if isinstance(one, kind):
            yield one
        for inner in gc.get_referents(one):
            if id(inner) not in seen and not isinstance(inner, type):
                seen.add(id(inner))
                waiting.append(inner)


if __name__ == "__main__":
    run()
