"""The services that the demo runs beside each other, as an installation does."""

import secrets
from typing import Final

from streams.demo.ports import LOOPBACK, free_port
from streams.demo.service_process import OwnService
from streams.wire.topics import partitions_for

START_SECONDS: Final = 60.0


class DemoWorker(OwnService):
    """`aboveboard worker`, which finds alerts."""

    def __init__(self, bootstrap: str, partitions: int) -> None:
        # The embedded broker lets a member wait for half its session before it may join.
        super().__init__("worker", bootstrap, session_timeout="2", idle_after="5")
        found = partitions_for(partitions)
        # Those of its three stages, the last of which has one.
        self._partitions: Final = found.accounts + found.agents + 1

    def wait_until_ready(self) -> None:
        """Return when it has its partitions; raises DemoFailed when it does not get them."""
        self.wait_for(
            lambda: self.sum_of("aboveboard_assigned_partitions") >= self._partitions,
            "start",
            START_SECONDS,
        )


class DemoDesk(OwnService):
    """`aboveboard desk`, where whoever sits at this machine decides as ``local``."""

    def __init__(self, bootstrap: str) -> None:
        port = free_port()
        self.address: Final = f"http://{LOOPBACK}:{port}"
        super().__init__("desk", bootstrap, desk_port=str(port), desk_role="approver")

    def wait_until_ready(self) -> None:
        """Return when it shows pages; raises DemoFailed when it does not come to it."""
        self.wait_for(
            lambda: self.sum_of("aboveboard_desk_ready") == 1, "show its pages", START_SECONDS
        )


def cases(bootstrap: str) -> OwnService:
    """Return `aboveboard cases`, which keeps the cases."""
    return OwnService("cases", bootstrap)


def notifier(bootstrap: str, alertmanager: str) -> OwnService:
    """Return `aboveboard notify`, which tells the alerts to the Alertmanager at this address."""
    return OwnService(
        "notify",
        bootstrap,
        session_timeout="6",
        notify_alertmanagers=alertmanager,
        notify_pseudonym_key=secrets.token_hex(16),
    )
