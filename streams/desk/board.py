"""The newest alerts and cases, as the topics have told them so far; nothing is kept elsewhere."""

from collections.abc import Callable
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import Case
from streams.desk.rows import AlertRow, CaseRow, alert_row, case_row
from streams.wire.topics import Topic

Row = TypeVar("Row", AlertRow, CaseRow)

_NOT_READABLE: Final = (msgspec.DecodeError, UnicodeError, RecursionError)
"""What msgspec raises for bytes that hold something else; nesting without end is no error of its
own."""


class Known(NamedTuple, Generic[Row]):
    """A row, the whole record behind it as it stands in the topic, and the alerts in that."""

    row: Row
    record: bytes
    alert_ids: tuple[str, ...]


class Board:
    """Takes records of ``alerts-current`` and ``cases-current``; read by another thread.

    Attributes
    ----------
    foreign
        Records that are none of ours, by topic.
    """

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._alerts: Final[dict[str, Known[AlertRow]]] = {}
        self._cases: Final[dict[str, Known[CaseRow]]] = {}
        self.foreign: Final[dict[str, int]] = {}

    def add(self, topic: Topic, key: bytes | None, value: bytes | None) -> None:
        """Take a record in; one without a value takes away what stands under its key."""
        name = (key or b"").decode(errors="replace")
        if topic is Topic.ALERTS_CURRENT:
            ours = self._put(self._alerts, name, value, _alert, lambda row: row.revision)
        else:
            ours = self._put(self._cases, name, value, _case, lambda row: row.version)
        if not ours:
            self.foreign[topic] = self.foreign.get(topic, 0) + 1

    def alerts(self) -> list[AlertRow]:
        """Return the rows of all alerts, in no order."""
        with self._lock:
            return [known.row for known in self._alerts.values()]

    def cases(self) -> list[CaseRow]:
        """Return the rows of all cases, in no order."""
        with self._lock:
            return [known.row for known in self._cases.values()]

    def alert(self, alert_id: str) -> Known[AlertRow] | None:
        """Return an alert; None if there is none, or it was taken away."""
        with self._lock:
            return self._alerts.get(alert_id)

    def case(self, case_id: str) -> Known[CaseRow] | None:
        """Return a case; None as `alert`."""
        with self._lock:
            return self._cases.get(case_id)

    def _put(
        self,
        rows: dict[str, Known[Row]],
        name: str,
        value: bytes | None,
        read: Callable[[bytes], tuple[str, Known[Row]]],
        version: Callable[[Row], int],
    ) -> bool:
        """Return whether a record is one of ours."""
        if value is None:
            with self._lock:
                rows.pop(name, None)
            return True
        try:
            found, new = read(value)
        except _NOT_READABLE:
            return False
        if found != name:
            return False
        with self._lock:
            known = rows.get(name)
            # Who lags may say an older state once more.
            if known is None or version(known.row) <= version(new.row):
                rows[name] = new
        return True


_decode_alert: Final = msgspec.json.Decoder(Alert).decode
_decode_case: Final = msgspec.json.Decoder(Case).decode


def _alert(value: bytes) -> tuple[str, Known[AlertRow]]:
    alert = _decode_alert(value)
    return alert.alert_id, Known(alert_row(alert), value, (alert.alert_id,))


def _case(value: bytes) -> tuple[str, Known[CaseRow]]:
    case = _decode_case(value)
    alert_ids = tuple(alert.alert_id for alert in case.alerts)
    return case.case_id, Known(case_row(case), value, alert_ids)
