"""`aboveboard notify` as a process, and the records that it reads."""

import os
import urllib.request
from collections.abc import Sequence
from typing import Any, Final
from urllib.error import HTTPError

import msgspec

from detectors.alerts.alert import Alert
from detectors.cases.case import Case
from streams.config.host import PREFIX
from streams.demo.ports import LOOPBACK, free_port
from streams.wire.topics import Topic
from tests.alertmanager import AlertmanagerProcess, wait_for
from tests.integration.installation import COMMAND, PATIENCE, Installation
from tests.logged_process import Ending, LoggedProcess


class NotifierProcess(LoggedProcess):
    """A notifier from its start until it is gone."""

    def __init__(
        self, installation: Installation, alertmanagers: Sequence[AlertmanagerProcess], **more: str
    ) -> None:
        port = free_port()
        self.address: Final = f"http://{LOOPBACK}:{port}"
        settings = {
            "broker": installation.bootstrap,
            "topic_prefix": installation.prefix,
            "session_timeout": "2",
            "metrics_port": str(port),
            "notify_alertmanagers": ",".join(one.address for one in alertmanagers),
            "notify_pseudonym_key": "key",
            "notify_resend": "0.5",
            "notify_lasts": "120",
            "notify_timeout": "5",
            **more,
        }
        inherited = {name: os.environ[name] for name in os.environ if not name.startswith(PREFIX)}
        ours = {PREFIX + name.upper(): value for name, value in settings.items()}
        super().__init__([COMMAND, "notify"], inherited | ours)

    def page(self, path: str) -> bytes:
        """Return what a page answers, with whatever status; nothing while it does not."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as answer:  # noqa: S310 - ours
                return bytes(answer.read())
        except HTTPError as refusal:
            with refusal:
                return bytes(refusal.read())
        except OSError:
            return b""

    def tells(self) -> bool:
        """Return whether it has the turn."""
        return b"aboveboard_notify_active 1.0" in self.page("/metrics")

    def wait_until_it_tells(self) -> None:
        wait_for(self.tells, self.log)

    def ending(self) -> Ending:
        """Wait until it has ended by itself."""
        return Ending(self._process.wait(PATIENCE), self.log())

    def ended(self) -> Ending:
        """Ask it to end, and wait until it has."""
        return Ending(self.terminate(), self.log())


def publish(installation: Installation, *records: Alert | Case) -> None:
    """Write alerts and cases to the topics that hold what is current."""
    with installation.producer() as producer:
        for record in records:
            is_alert = isinstance(record, Alert)
            key: Any = record.alert_id if isinstance(record, Alert) else record.case_id
            topic = Topic.ALERTS_CURRENT if is_alert else Topic.CASES_CURRENT
            producer.send(installation.name(topic), msgspec.json.encode(record), key=key.encode())
        producer.flush()
