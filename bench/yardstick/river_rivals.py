"""Detectors of river as rivals, fed with what the product's expectation leaves unexplained."""

from collections.abc import Callable, Iterable
from typing import Any, Final, Protocol

import numpy as np
from river.anomaly import HalfSpaceTrees
from river.drift import ADWIN, PageHinkley

from bench.yardstick.charts import NEVER, Alarms
from bench.yardstick.sales import Reals
from bench.yardstick.trials import Trials

# river's functions have no types; as Any they may be called where everything else has
_ADWIN: Final[Any] = ADWIN
_PAGE_HINKLEY: Final[Any] = PageHinkley
_HALF_SPACE_TREES: Final[Any] = HalfSpaceTrees

SPANS: Final = (10, 30, 90)
"""Sales over which an agent's excess is shown to the half-space trees."""

LARGEST_EXCESS: Final = 8.0
LOOKED_AT_EVERY: Final = 3
"""Sales, about a day."""


class Drift(Protocol):
    """One agent's detector: shown a residual, it says whether the agent's rate rose."""

    def __call__(self, residual: float) -> bool:
        """Receive a residual."""


def adwin(trials: Trials, threshold: float) -> Alarms:
    """Run ADWIN on residuals; `threshold` is -log10 of its ``delta``, and only rises count."""

    def build() -> Drift:
        detector: Any = _ADWIN(delta=10.0**-threshold, clock=1)

        def rose(residual: float) -> bool:
            before = detector.estimation
            detector.update(residual)
            return bool(detector.drift_detected and detector.estimation > before)

        return rose

    return _one_by_one(trials, build)


def page_hinkley(trials: Trials, threshold: float) -> Alarms:
    """Run the Page-Hinkley test for a rise on residuals."""

    def build() -> Drift:
        detector: Any = _PAGE_HINKLEY(threshold=threshold, mode="up")

        def rose(residual: float) -> bool:
            detector.update(residual)
            return bool(detector.drift_detected)

        return rose

    return _one_by_one(trials, build)


def _one_by_one(trials: Trials, build: Callable[[], Drift]) -> Alarms:
    before = np.zeros(trials.agents, np.int64)
    delay = np.full(trials.agents, NEVER)
    residuals = trials.bad - trials.expected
    for agent in range(trials.agents):
        own = slice(trials.starts[agent], trials.starts[agent + 1])
        rose = build()
        since = 0
        for residual, changed in zip(
            residuals[own].tolist(), trials.changed[own].tolist(), strict=True
        ):
            since += changed
            if not rose(residual):
                continue
            if since:
                delay[agent] = since
                break
            before[agent] += 1
            rose = build()
    return Alarms(before, delay)


class Trees:
    """Half-space trees that learn from honest agents how far three excesses usually go.

    Parameters
    ----------
    honest
        Trials of honest agents, who are shown to the trees day by day.
    """

    def __init__(self, honest: Trials) -> None:
        names = [f"last {span}" for span in SPANS]
        self._trees: Any = _HALF_SPACE_TREES(
            n_trees=25,
            window_size=2_000,
            limits=dict.fromkeys(names, (0.0, LARGEST_EXCESS)),
            seed=1,
        )
        self._names = names
        days = [_looks(_excesses(honest, agent)) for agent in range(honest.agents)]
        for day in range(max(map(len, days))):
            for looks in days:
                if day < len(looks):
                    self._trees.learn_one(self._named(looks[day]))

    def scores(self, trials: Trials) -> list[Reals]:
        """Return each agent's scores, one for each `LOOKED_AT_EVERY` sales."""
        return [
            np.array([self._trees.score_one(self._named(look)) for look in looks])
            for looks in (_looks(_excesses(trials, agent)) for agent in range(trials.agents))
        ]

    def _named(self, look: Iterable[float]) -> dict[str, float]:
        return dict(zip(self._names, look, strict=True))


def above(trials: Trials, scores: list[Reals], threshold: float) -> Alarms:
    """Alarm when a score exceeds a threshold; then rest until the longest span is new."""
    before = np.zeros(trials.agents, np.int64)
    delay = np.full(trials.agents, NEVER)
    for agent, own in enumerate(scores):
        since = np.cumsum(trials.changed[trials.starts[agent] : trials.starts[agent + 1]])
        rested = 0
        for look in np.flatnonzero(own > threshold).tolist():
            place = (look + 1) * LOOKED_AT_EVERY - 1
            if place < rested:
                continue
            if since[place]:
                delay[agent] = since[place]
                break
            before[agent] += 1
            rested = place + max(SPANS)
    return Alarms(before, delay)


def _excesses(trials: Trials, agent: int) -> Reals:
    """Return the excess of each span, in standard deviations; shape (sales, spans)."""
    own = slice(trials.starts[agent], trials.starts[agent + 1])
    bad = np.concatenate([[0.0], np.cumsum(trials.bad[own])])
    expected = np.concatenate([[0.0], np.cumsum(trials.expected[own])])
    ends = np.arange(1, bad.size)
    columns = []
    for span in SPANS:
        starts = np.maximum(0, ends - span)
        less = expected[ends] - expected[starts]
        columns.append((bad[ends] - bad[starts] - less) / np.sqrt(1.0 + less))
    excesses: Reals = np.clip(np.column_stack(columns), 0.0, LARGEST_EXCESS)
    return excesses


def _looks(excesses: Reals) -> list[list[float]]:
    looks: list[list[float]] = excesses[LOOKED_AT_EVERY - 1 :: LOOKED_AT_EVERY].tolist()
    return looks
