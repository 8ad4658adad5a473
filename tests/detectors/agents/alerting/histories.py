"""Short histories of one agent, and what the open alerts make of their evidence."""

from typing import Final, NamedTuple

import numpy as np
from hypothesis import strategies as st

from detectors.agents.alerting.open_alerts import AlertInput, OpenAlerts
from detectors.alerts.alert import Ending
from detectors.basis.event_time import Day
from detectors.evidence.prior import Prior
from detectors.evidence.shiryaev_roberts import EvidenceTable
from detectors.settings import EvidenceSettings

SD: Final = 0.25
THRESHOLD: Final = 8.0
SETTINGS: Final = EvidenceSettings(
    resolve_after="2d", resolve_below=0.25, silent_after="4d", between_agent_sd=SD, tempering=1.0
)
LOW: Final = SETTINGS.resolve_below * THRESHOLD
RARE, COMMON = 0.05, 0.5
"""Probabilities of a bad outcome: a bad one of the first and a good one of the other say most."""


class HistoryDay(NamedTuple):
    """The outcomes of a day (probability, bad), and whether people found all honest at its end."""

    outcomes: tuple[tuple[float, bool], ...]
    explained: bool = False


class Told(NamedTuple):
    """The end of a day: the largest evidence, what is left of it, and what became of the alert."""

    evidence: float
    kept: float
    opened: bool
    quiet_since: Day | None
    ending: Ending | None


@st.composite
def histories(draw: st.DrawFn) -> list[HistoryDay]:
    """Draw up to 30 days, in stretches of days alike: strong, weak or silent ones."""
    bad, good, lucky = (RARE, True), (COMMON, False), (RARE, False)
    kinds = st.sampled_from([(bad,), (bad, bad), (good,), (good, good), (lucky,), (bad, good), ()])
    stretches = st.tuples(kinds, st.integers(1, 6), st.integers(0, 19))
    drawn = draw(st.lists(stretches, min_size=1, max_size=5))
    return [
        HistoryDay(kind, explained=day == length - 1 and chance == 0)
        for kind, length, chance in drawn
        for day in range(length)
    ]


def lived(
    open_alerts: OpenAlerts, history: list[HistoryDay], *, critical: bool = False
) -> list[Told]:
    """Return the end of each day of a history, in which alerts may be `critical`."""
    table = EvidenceTable(Prior(SD))
    table.add()
    told = []
    for number, today in enumerate(history):
        day, size = Day(number), len(today.outcomes)
        levels = table.observe(
            np.zeros(size, np.int64),
            np.full(size, day, np.int64),
            np.array([probability for probability, _ in today.outcomes], np.float64),
            np.array([bad for _, bad in today.outcomes], np.bool_),
        )
        largest = np.array([max([*levels, table.evidence()[0]])])
        open_alerts.end([0] if today.explained else [])
        seen, opened = [], False
        for due in open_alerts.advance(
            day,
            largest,
            table,
            alert_id=str,
            alert_input=lambda _: AlertInput(1, excess=True, critical=critical),
        ):
            seen.append(due.alert)
            opened = due.alert.revision == 1
        alert = open_alerts.by_row.get(0)
        told.append(
            Told(
                float(largest[0]),
                float(table.evidence()[0]),
                opened,
                None if alert is None else alert.quiet_since,
                None if alert is not None or not seen else seen[-1].ending,
            )
        )
    return told
