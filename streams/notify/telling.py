"""Tells the receivers what is due, and keeps what they answered."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from streams.errors import ReceiverFailed
from streams.metrics.notify_metrics import NotifyMetrics
from streams.notify.alertmanager import Alertmanager
from streams.notify.deliveries import Deliveries, Key, Message

_SILENCE_AGAIN: Final = timedelta(seconds=5)
"""How long after silences could not be set that is tried again, where nothing else is due."""

_log: Final = logging.getLogger("aboveboard.notify")


class Telling:
    """Tells receivers, one after the other.

    Parameters
    ----------
    receivers
        Who is told.
    metrics
        Counts their answers.
    may_go_on
        Whether it is still this notifier's turn; asked between two requests.
    """

    def __init__(
        self,
        receivers: Sequence[Alertmanager],
        metrics: NotifyMetrics,
        may_go_on: Callable[[], bool],
    ) -> None:
        self._receivers: Final = receivers
        self._metrics: Final = metrics
        self._may_go_on: Final = may_go_on
        self._quiet: Final[dict[str, Mapping[str, datetime]]] = {}
        self._silence_at: Final[dict[str, datetime]] = {}
        self._refused: Final[dict[Key, str]] = {}
        self.failures: Final[dict[str, str]] = {}

    def tell(self, deliveries: Deliveries, quiet: Mapping[str, datetime], now: datetime) -> None:
        """Tell every receiver what is due; `quiet` is until when which alerts are to be silent."""
        for receiver in self._receivers:
            messages = deliveries.due(receiver.name, now)
            if not messages and not self._silences_due(receiver.name, quiet, now):
                continue
            if not self._may_go_on():
                return
            # Before the alerts. If it fails they are told nevertheless: too loud is better than
            # not at all.
            trouble = self._silence(receiver, quiet, now)
            trouble = self._send(receiver, deliveries, messages, now) or trouble
            if messages or trouble:
                self._note(receiver.name, trouble)

    def _silences_due(self, name: str, quiet: Mapping[str, datetime], now: datetime) -> bool:
        return quiet != self._quiet.get(name, {}) and now >= self._silence_at.get(name, now)

    def _silence(self, receiver: Alertmanager, quiet: Mapping[str, datetime], now: datetime) -> str:
        try:
            receiver.silence(quiet, now)
        except ReceiverFailed as error:
            self._metrics.posted("failed")
            self._silence_at[receiver.name] = now + _SILENCE_AGAIN
            return str(error)
        self._quiet[receiver.name] = dict(quiet)
        return ""

    def _send(
        self,
        receiver: Alertmanager,
        deliveries: Deliveries,
        messages: Sequence[Message],
        now: datetime,
    ) -> str:
        if not messages:
            return ""
        try:
            for taken in receiver.tell(messages):
                deliveries.answered(receiver.name, taken.keys, now)
                self._metrics.posted("refused" if taken.refused else "taken")
                if taken.refused:
                    self._say_refused(taken.keys[0], taken.refused)
                if not self._may_go_on():
                    return ""
        except ReceiverFailed as error:
            deliveries.failed(receiver.name, now)
            self._metrics.posted("failed")
            return str(error)
        deliveries.finished(receiver.name, now)
        return ""

    def _say_refused(self, key: Key, reason: str) -> None:
        if self._refused.get(key) != reason:
            self._refused[key] = reason
            _log.error("alert %s (%s) was refused: %s", key.alert_id, key.severity, reason)

    def _note(self, name: str, trouble: str) -> None:
        before = self.failures.pop(name, "")
        if trouble:
            self.failures[name] = trouble
        if trouble and not before:
            _log.warning("%s; it is tried again until it answers", trouble)
        elif before and not trouble:
            _log.info("%s answers again", name)
