"""Loads the compiled kernels before a worker joins its group.

They are compiled on first use and kept on disk after that; loading them still takes half a second.
A worker that has partitions already would let its first alerts wait for that.
"""

from typing import Final

from detectors.decoding import EventDecoder
from detectors.pipeline import Pipeline
from detectors.settings import Settings
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings

_CENTRE: Final = SimulationSettings(agents=4, days=50, seed=1, planted_share=0.5, sales_per_day=2)
"""So small that it takes no time, and so long that windows pass and agents are judged."""


def warm_up(settings: Settings) -> None:
    """Judge a few simulated sales, and forget them."""
    pipeline, decode = Pipeline(settings), EventDecoder(settings.limits).decode
    for line in simulate(_CENTRE):
        pipeline.apply(decode(line))
    pipeline.alerts()
