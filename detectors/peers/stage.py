"""The peers stage: one for all partitions; their reports of a day in, one review of it out."""

from typing import Final

import msgspec
from msgspec import Struct

from detectors.errors import IncompatibleSnapshot
from detectors.evidence.discoveries import discovery_threshold
from detectors.outcomes import Cell, DayReport, DayReview, PatternName, Totals
from detectors.settings import Settings

NO_DISCOVERIES: Final = float("inf")


class PeersState(Struct, tag="peers-1"):
    """All that the stage remembers; ``reported`` is the last day of each agents partition."""

    totals: dict[PatternName, dict[Cell, Totals]]
    waiting: dict[int, dict[int, DayReport]]
    reported: dict[int, int]
    last_day: int | None


class Peers:
    """Merges the reports of all agents partitions, day by day.

    A day is reviewed once every partition has reported it or a later one (partitions need not begin
    on the same day), in the order of days. A report of a day that has been reviewed, or a second
    one of the same partition, changes nothing.
    """

    def __init__(self, settings: Settings, agents_partitions: int = 1) -> None:
        self._partitions: Final = agents_partitions
        self._false_discovery_rate: Final = settings.evidence.false_discovery_rate
        self._state = PeersState({}, {}, {}, None)

    def receive(self, report: DayReport) -> list[DayReview]:
        """Take one report; give the reviews it completes, oldest first."""
        state = self._state
        if state.last_day is not None and report.day <= state.last_day:
            return []
        state.waiting.setdefault(report.day, {})[report.agents_partition] = report
        known = state.reported.get(report.agents_partition, report.day)
        state.reported[report.agents_partition] = max(known, report.day)
        if len(state.reported) < self._partitions:
            return []
        reviews: list[DayReview] = []
        complete = min(state.reported.values())
        while state.waiting and (day := min(state.waiting)) <= complete:
            reviews.append(self._review(day, state.waiting.pop(day)))
            state.last_day = day
        return reviews

    def _review(self, day: int, reports: dict[int, DayReport]) -> DayReview:
        for partition in sorted(reports):
            for pattern, cells in reports[partition].totals.items():
                known = self._state.totals.setdefault(pattern, {})
                for cell, change in cells.items():
                    total = known.get(cell, Totals())
                    known[cell] = Totals(total.matured + change.matured, total.bad + change.bad)
        hypotheses = sum(report.hypotheses for report in reports.values())
        evidence = [value for report in reports.values() for value in report.evidence]
        threshold = (
            discovery_threshold(evidence, hypotheses, self._false_discovery_rate)
            if evidence
            else NO_DISCOVERIES
        )
        totals = {pattern: dict(cells) for pattern, cells in self._state.totals.items()}
        return DayReview(day, totals, threshold)

    def snapshot(self) -> bytes:
        """Give all of the state."""
        return msgspec.msgpack.encode(self._state)

    def restore(self, snapshot: bytes) -> None:
        """Take over the state given by `snapshot`.

        Raises
        ------
        IncompatibleSnapshot
            If the bytes are of another kind or version.
        """
        try:
            self._state = msgspec.msgpack.decode(snapshot, type=PeersState)
        except msgspec.MsgspecError as error:
            msg = f"not a snapshot of the peers stage: {error}"
            raise IncompatibleSnapshot(msg) from None
