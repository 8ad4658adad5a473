"""Whom the demo tells: the Alertmanager of this machine, or a receiver that speaks its API."""

import os
import shutil
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from streams.config.secret import Secret
from streams.demo.alert_receiver import AlertReceiver
from streams.demo.ports import LOOPBACK, free_port
from streams.demo.service_process import ServiceProcess
from streams.errors import ReceiverFailed
from streams.notify.web_client import WebClient

PROGRAMS: Final = ("prometheus-alertmanager", "alertmanager")
"""What the packages of Debian, and everybody else, call it."""

_START_SECONDS: Final = 30.0
_ASK_SECONDS: Final = 5.0

_CONFIG: Final = """\
# Nobody is told: look at its page. For pager, chat and mail see deploy/alertmanager.
route:
  receiver: demo
  group_by: [alert_id]
receivers:
  - name: demo
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
    equal: [alert_id]
"""


class _Listed(Struct):
    labels: dict[str, str]


class Told:
    """Who is told: `program` is None for the demo's own receiver."""

    def __init__(self, address: str, program: str | None) -> None:
        self.address: Final = address
        self.program: Final = program
        context = ssl.create_default_context()
        self._client: Final = WebClient(address, Secret(), context, _ASK_SECONDS)

    def is_ready(self) -> bool:
        """Return whether it answers."""
        try:
            return self._client.request("GET", "/api/v2/alerts").ok
        except ReceiverFailed:
            return False

    def alert_ids(self) -> frozenset[str]:
        """Return the ids of the alerts that fire there; raises ReceiverFailed if it is away."""
        body = self._client.request("GET", "/api/v2/alerts").body
        listed = msgspec.json.decode(body, type=list[_Listed])
        return frozenset(one.labels.get("alert_id", "") for one in listed)


@contextmanager
def alertmanager() -> Iterator[Told]:
    """Yield who is told, for the block; raises DemoFailed if an Alertmanager does not start."""
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        with AlertReceiver() as receiver:
            yield Told(receiver.address, None)
        return
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="aboveboard-demo-") as folder:
        config = Path(folder, "alertmanager.yml")
        config.write_text(_CONFIG, encoding="utf-8")
        command = [
            program,
            f"--web.listen-address={LOOPBACK}:{port}",
            "--cluster.listen-address=",
            f"--storage.path={folder}/data",
            f"--config.file={config}",
        ]
        told = Told(f"http://{LOOPBACK}:{port}", program)
        with ServiceProcess(program, command, os.environ) as process:
            process.wait_for(told.is_ready, "start", _START_SECONDS)
            yield told
