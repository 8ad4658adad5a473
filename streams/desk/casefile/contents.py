"""All that the page of a case shows, read from the model at one moment."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from detectors.alerts.alert import Alert
from detectors.cases.case import SEVERITIES, Case, CaseAlert, Entry
from streams.desk.casefile.drawing import EvidenceDrawing, Told, evidence_drawing
from streams.desk.casefile.sales import SalesNamed, SalesReader, SoldLine, to_call_back
from streams.desk.model.intake import moment_of
from streams.desk.model.read_model import Known, ReadModel, read_alert, read_case
from streams.desk.rows import AlertRow, CaseRow, alert_row, at_the_time
from streams.reports.figures import Figures, figures_of
from streams.reports.words import words_of
from streams.wire.lookup_record import ShownSubject

RULED_OUT: Final = "Ruled out: "
"""Begins a line of a note for each explanation that somebody has ticked."""


class RevisionLine(NamedTuple):
    """A revision by both clocks; ``learned_at`` is None where its arrival is not known."""

    alert: Alert
    figures: Figures
    learned_at: datetime | None


class AlertPart(NamedTuple):
    """One alert of the case.

    Attributes
    ----------
    told
        As the case has it.
    alert
        The newest revision in full; None where it was taken away.
    record
        That as it stands in the topic.
    title
        Its pattern, for people.
    revisions
        All that are at hand, oldest first.
    drawing
        Its evidence over time; None where it has none.
    sales
        Those that it names.
    ticked
        The notes that ruled explanations out, by explanation.
    """

    told: CaseAlert
    alert: Alert | None
    record: bytes | None
    title: str
    revisions: tuple[RevisionLine, ...]
    drawing: EvidenceDrawing | None
    sales: SalesNamed
    ticked: Mapping[str, Entry]


class HistoryLine(NamedTuple):
    """A line of the history; ``learned_at`` of a revision, where its arrival is known."""

    entry: Entry
    title: str
    learned_at: datetime | None


class CaseContents(NamedTuple):
    """A case as its page shows it; open alerts first, the most severe first."""

    row: CaseRow
    case: Case
    parts: tuple[AlertPart, ...]
    history: tuple[HistoryLine, ...]
    sample: Sequence[SoldLine]

    def holes(self) -> list[str]:
        """Return what could not be seen, each sentence once."""
        alerts = [part.alert for part in self.parts if part.alert is not None]
        return [*dict.fromkeys(hole for alert in alerts for hole in alert.data_quality or ())]

    def missing(self) -> int:
        """Return how many events that alerts name are not in the read model."""
        return sum(part.sales.missing for part in self.parts)

    def shown(self) -> list[AlertRow | CaseRow | ShownSubject]:
        """Return whom the page names."""
        alerts = [alert_row(part.alert) for part in self.parts if part.alert is not None]
        accounts = {one for part in self.parts for one in part.sales.subjects()}
        agents = {
            ShownSubject("agent", alert.agent_id)
            for alert in self.case.alerts
            if alert.agent_id is not None
        }
        return [self.row, *alerts, *sorted(accounts | agents)]

    def alert_ids(self) -> Iterator[str]:
        """Yield the ids of all alerts on the page, those of others too."""
        for part in self.parts:
            yield part.told.alert_id
            if part.alert is not None:
                yield from (one.alert_id for one in part.alert.prior_alerts or ())
                yield from (one.alert_id for one in part.alert.other_alerts or ())
                yield from part.alert.group_alerts or ()


class CaseReader:
    """Reads cases.

    Parameters
    ----------
    model
        What is known.
    sales
        Reads the sales that alerts name.
    """

    def __init__(self, model: ReadModel, sales: SalesReader) -> None:
        self._model: Final = model
        self._sales: Final = sales

    def contents(self, case_id: str, now: datetime) -> CaseContents | None:
        """Return a case as it stands now; None if there is none."""
        with self._model.one_moment():
            known = self._model.case(case_id)
            return None if known is None else self._contents(known, now)

    def _contents(self, known: Known[CaseRow], now: datetime) -> CaseContents:
        case = read_case(known.record)
        ticked = _ticked(case.history)
        parts = sorted((self._part(alert, ticked) for alert in case.alerts), key=_urgency)
        learned = {
            (part.told.alert_id, line.alert.revision): line.learned_at
            for part in parts
            for line in part.revisions
        }
        titles = {part.told.alert_id: part.title for part in parts}
        history = tuple(
            HistoryLine(
                entry,
                titles.get(entry.alert_id or "", ""),
                learned.get((entry.alert_id or "", entry.revision or 0)),
            )
            for entry in case.history
        )
        lines = (line for part in parts for line in part.sales.lines)
        sample = to_call_back(case.case_id, lines)
        return CaseContents(at_the_time(known.row, now), case, tuple(parts), history, sample)

    def _part(self, told: CaseAlert, ticked: Mapping[str, Entry]) -> AlertPart:
        revisions = self._revisions(told.alert_id)
        known = self._model.alert(told.alert_id)
        alert = None if known is None else read_alert(known.record)
        if alert is not None and all(one.alert.revision != alert.revision for one in revisions):
            revisions.append(RevisionLine(alert, figures_of(alert), None))
        sales = SalesNamed((), 0, 0) if alert is None else self._sales.named_by(alert)
        title = words_of(told.pattern).title
        drawing = None if alert is None else _drawing(alert, revisions)
        record = None if known is None else known.record
        return AlertPart(told, alert, record, title, tuple(revisions), drawing, sales, ticked)

    def _revisions(self, alert_id: str) -> list[RevisionLine]:
        found = self._model.ask(
            "SELECT learned_at, record FROM revisions WHERE alert_id = ? ORDER BY revision",
            (alert_id,),
        )
        return [
            RevisionLine(alert, figures_of(alert), moment_of(learned) if learned else None)
            for learned, record in found
            for alert in (read_alert(record),)
        ]


def _urgency(part: AlertPart) -> tuple[bool, int, float, str]:
    told = part.told
    severity = -SEVERITIES.index(told.severity)
    return (told.status != "open", severity, -told.updated_at.timestamp(), told.alert_id)


def _drawing(alert: Alert, revisions: Sequence[RevisionLine]) -> EvidenceDrawing | None:
    figures = figures_of(alert)
    if figures.threshold is None:
        return None
    start = figures.since
    return evidence_drawing(
        [
            Told(one.alert.updated_at, one.figures.value, one.alert.revision)
            for one in revisions
            if one.figures.value is not None
        ],
        figures.threshold,
        None if start is None else datetime(start.year, start.month, start.day, tzinfo=UTC),
    )


def _ticked(history: Sequence[Entry]) -> dict[str, Entry]:
    """Return the note that last ruled each explanation out."""
    return {
        line.removeprefix(RULED_OUT): entry
        for entry in history
        if entry.what == "note" and entry.refused is None
        for line in (entry.words or "").splitlines()
        if line.startswith(RULED_OUT)
    }
