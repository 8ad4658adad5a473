"""Alerts of the demo, read while the worker publishes them."""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Final

from detectors.alerts.alert import Alert
from detectors.basis.errors import AboveboardError
from streams.broker.alerts import read_alerts
from streams.errors import InvalidAlertRecord


class AlertFeed(AbstractContextManager["AlertFeed"]):
    """Reads alerts in a thread of its own until the block ends.

    Parameters
    ----------
    bootstrap
        Where the broker is.
    show
        Called in that thread with each alert about an agent when it opens, when its severity
        changes and when it closes.

    Attributes
    ----------
    alerts
        All revisions read so far.
    strangers
        How many records were no alerts: another program can write to the demo's broker, too.
    error
        What ended the reading before the block did; None so far.
    """

    def __init__(self, bootstrap: str, show: Callable[[Alert], None]) -> None:
        self.alerts: Final[list[Alert]] = []
        self.strangers = 0
        self.error: BaseException | None = None
        self._bootstrap: Final = bootstrap
        self._show: Final = show
        self._ended: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._read, name="alert-feed", daemon=True)
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._ended.set()
        self._thread.join()

    def _count(self, _: InvalidAlertRecord) -> None:
        self.strangers += 1

    def _read(self) -> None:
        shown: set[tuple[str, str, str]] = set()
        try:
            for _, alert in read_alerts(
                self._bootstrap, until=self._ended.is_set, no_alert=self._count
            ):
                self.alerts.append(alert)
                change = (alert.alert_id, alert.severity, alert.status)
                if alert.subject.type == "agent" and change not in shown:
                    shown.add(change)
                    self._show(alert)
        except AboveboardError as error:
            self.error = error
