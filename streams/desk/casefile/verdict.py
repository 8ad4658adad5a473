"""What was recomputed of an alert, with the drawings of it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from detectors.alerts.alert import Alert
from streams.desk.casefile.drawing import EvidenceDrawing, Told, evidence_drawing
from streams.desk.casefile.funnel_drawing import FunnelDrawing, funnel_drawing
from streams.desk.casefile.recomputed import Recomputed
from streams.desk.model.intake import moment_of
from streams.reports.figures import figures_of


class Recomputation(NamedTuple):
    """A result as pages show it.

    ``drawing`` is of the evidence day by day, with the revisions in it; ``since`` the earliest time
    in the events.
    """

    result: Recomputed
    drawing: EvidenceDrawing | None
    funnel: FunnelDrawing | None
    since: datetime | None


def recomputation(result: Recomputed, alert: Alert, revisions: Iterable[Alert]) -> Recomputation:
    """Return what was recomputed of an alert, with its drawings; `revisions` are all at hand."""
    return Recomputation(
        result,
        _drawing(result, alert, revisions),
        None if result.funnel is None else funnel_drawing(result.funnel),
        None if result.since is None else moment_of(result.since),
    )


def _drawing(
    result: Recomputed, alert: Alert, revisions: Iterable[Alert]
) -> EvidenceDrawing | None:
    figures = figures_of(alert)
    if figures.threshold is None:
        return None
    marked = {one.updated_at: one.revision for one in revisions}
    ends = [(_day(one.day) + timedelta(days=1), one.value) for one in result.days]
    told = [Told(at, value, marked.get(at)) for at, value in ends]
    start = figures.since
    return evidence_drawing(told, figures.threshold, None if start is None else _day(str(start)))


def _day(name: str) -> datetime:
    return datetime.fromisoformat(name).replace(tzinfo=UTC)
