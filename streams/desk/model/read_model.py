"""The read model in a file: written by one thread at a time, read by any."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Lock, local
from typing import Any, Final, Generic, Literal, NamedTuple, Self, TypeVar

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import Case
from streams.desk.filters import Filters, Page, Place
from streams.desk.model.conditions import Condition, conditions_of
from streams.desk.model.intake import EventTold, Intake, Taken, Told
from streams.desk.model.mentioned import mentioned_in
from streams.desk.model.schema import SCHEMA
from streams.desk.model.tallies import BESIDE, TALLIES, Tallies
from streams.desk.rows import AlertRow, CaseRow, at_the_time
from streams.wire.topics import EVENT_TOPICS

Row = TypeVar("Row", AlertRow, CaseRow)
Values = Sequence[Any] | dict[str, Any]

_PAGE_BYTES: Final = 16_384
"""Records have a few thousand bytes: of smaller pages a third would stay empty."""

_WRITER_KIBIBYTES: Final = 16_384
_READER_KIBIBYTES: Final = 4_096
"""Pages of a connection in memory; the rest is for the file cache of the system. Who writes a
hundred thousand ids needs the trees of all at hand; of those who read there may be many."""

_read_alert_row: Final = msgspec.msgpack.Decoder(AlertRow).decode
_read_case_row: Final = msgspec.msgpack.Decoder(CaseRow).decode


class Known(NamedTuple, Generic[Row]):
    """A row, the whole record behind it as it stands in the topic, and the alerts in that."""

    row: Row
    record: bytes
    alert_ids: tuple[str, ...]


class ReadModel:
    """Takes records of topics in, and answers what the desk asks of them.

    Parameters
    ----------
    path
        The file, which is not there yet.

    Attributes
    ----------
    path
        The file.
    foreign
        Records that are none of ours, by topic.
    share_read
        How much of all alerts and cases was taken in so far, of 1, as whoever reads them says.
    """

    def __init__(self, path: Path) -> None:
        self.path: Final = path
        self._local: Final = local()
        self._open: Final[list[sqlite3.Connection]] = []
        self._lock: Final = Lock()
        self._writing: Final = Lock()
        self._writer: Final = self._connect(_WRITER_KIBIBYTES)
        # Whatever a crash spoils is read again: nothing here is worth a flush of the disk.
        self._writer.execute(f"PRAGMA page_size = {_PAGE_BYTES}")
        self._writer.execute("PRAGMA synchronous = OFF")
        self._writer.execute("PRAGMA journal_mode = WAL")
        self._writer.executescript(SCHEMA + TALLIES)
        self._intake: Final = Intake(self._writer)
        self._tallies: Final = Tallies(self._writer)
        self.foreign: Final = self._intake.foreign
        self.share_read = 0.0

    def __enter__(self) -> Self:
        """Return itself; every connection is closed at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        with self._lock:
            for connection in self._open:
                connection.close()
            self._open.clear()

    def take_in(self, records: Iterable[Told]) -> Taken:
        """Take records in, all or none of them; readers see them together.

        A record without a value takes away what stands under its key.
        """
        told = list(records)
        events = [
            EventTold(one, mentioned_in(one.value or b""))
            for one in told
            if one.topic in EVENT_TOPICS
        ]
        others = [one for one in told if one.topic not in EVENT_TOPICS]
        with self._writing:
            self._writer.execute("BEGIN")
            try:
                self._intake.events(events)
                self._tallies.events(events)
                for one in others:
                    if one.topic in BESIDE:
                        self._tallies.beside(one)
                taken = self._intake.of(one for one in others if one.topic not in BESIDE)
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")
        return taken

    def alert_page(self, filters: Filters) -> Page:
        """Return the rows of alerts that are asked for, the last changed first."""
        return self._page("alerts", filters, conditions_of(filters, None), _read_alert_row)

    def case_page(self, filters: Filters, now: datetime) -> Page:
        """Return the rows of cases that are asked for, as they stand now."""
        found = self._page("cases", filters, conditions_of(filters, now), _read_case_row)
        rows = [at_the_time(row, now) for row in found.rows if isinstance(row, CaseRow)]
        return Page(rows, found.end)

    def alert(self, alert_id: str) -> Known[AlertRow] | None:
        """Return an alert; None if there is none, or it was taken away."""
        for row, record in self.ask(
            "SELECT row, record FROM alerts WHERE alert_id = ?", (alert_id,)
        ):
            return Known(_read_alert_row(row), record, (alert_id,))
        return None

    def case(self, case_id: str) -> Known[CaseRow] | None:
        """Return a case; None as `alert`."""
        for row, record in self.ask("SELECT row, record FROM cases WHERE case_id = ?", (case_id,)):
            alert_ids = tuple(alert.alert_id for alert in read_case(record).alerts)
            return Known(_read_case_row(row), record, alert_ids)
        return None

    def cases_where(self, condition: Condition, now: datetime) -> list[CaseRow]:
        """Return the rows of cases under a condition, as they stand now, in no order."""
        found = self.ask(
            f"SELECT row FROM cases WHERE {condition.sql}",  # noqa: S608 - values are bound
            condition.values,
        )
        return [at_the_time(_read_case_row(row), now) for (row,) in found]

    def count(self, table: Literal["alerts", "cases", "revisions", "events"]) -> int:
        """Return how many rows a table has."""
        ((number,),) = self.ask(f"SELECT count(*) FROM {table}")  # noqa: S608 - one of ours
        return int(number)

    def ask(self, sql: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query; every thread has a connection of its own."""
        yield from self._reader().execute(sql, values)

    @contextmanager
    def one_moment(self) -> Iterator[None]:
        """Let all that this thread asks in the block see one state of things."""
        reader = self._reader()
        reader.execute("BEGIN")
        try:
            yield
        finally:
            reader.execute("COMMIT")

    def _page(
        self,
        table: str,
        filters: Filters,
        condition: Condition,
        read: Any,  # noqa: ANN401 - of either row
    ) -> Page:
        name = "alert_id" if table == "alerts" else "case_id"
        found = [
            read(row)
            for (row,) in self.ask(
                f"SELECT row FROM {table} WHERE {condition.sql} "  # noqa: S608 - values are bound
                f"ORDER BY updated_at DESC, {name} LIMIT {filters.limit + 1}",
                condition.values,
            )
        ]
        shown = found[: filters.limit]
        end = None
        if len(found) > len(shown):
            end = Place(shown[-1].updated_at, getattr(shown[-1], name))
        return Page(shown, end)

    def _reader(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._local, "reader", None)
        if found is None:
            found = self._local.reader = self._connect(_READER_KIBIBYTES)
            found.execute("PRAGMA query_only = ON")
        return found

    def _connect(self, kibibytes: int) -> sqlite3.Connection:
        # Closed by another thread than made it: at the end, when nobody uses it any more.
        made = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        made.execute(f"PRAGMA cache_size = -{kibibytes}")
        with self._lock:
            self._open.append(made)
        return made


_decode_case: Final = msgspec.json.Decoder(Case).decode
_decode_alert: Final = msgspec.json.Decoder(Alert).decode


def read_case(record: bytes) -> Case:
    """Return the case in a record of the read model."""
    return _decode_case(record)


def read_alert(record: bytes) -> Alert:
    """Return the alert in a record of the read model."""
    return _decode_alert(record)
