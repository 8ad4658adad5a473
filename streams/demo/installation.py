"""Everything that the demo runs: broker, services, and whom they tell."""

import contextlib
from typing import Final, Self

from msgspec import Struct

from streams.broker.admin import create_topics
from streams.demo.alertmanager import Told, alertmanager
from streams.demo.embedded_broker import EmbeddedBroker
from streams.demo.services import DemoDesk, DemoWorker, cases, notifier


class Places(Struct, frozen=True):
    """Where what the demo runs can be seen.

    ``desk`` is the address of the pages for people. ``alertmanager`` is an address as well,
    ``program`` the Alertmanager that runs there, None for the demo's receiver. ``metrics`` are the
    addresses by the name of the service.
    """

    desk: str
    report: str
    alertmanager: str
    program: str | None
    metrics: dict[str, str]
    bootstrap: str


class Installation:
    """An installation that is started with a block, and gone after it.

    Attributes
    ----------
    bootstrap
        Where the broker is.
    told
        Who is told of alerts.
    worker, cases, desk, notifier
        The services; they may not be ready yet.
    """

    def __init__(self, partitions: int) -> None:
        """Start everything; raises BrokerNotStarted and DemoFailed, and leaves nothing behind."""
        with contextlib.ExitStack() as running:
            self.bootstrap: Final = running.enter_context(EmbeddedBroker()).bootstrap
            create_topics(self.bootstrap, partitions=partitions)
            self.worker: Final = running.enter_context(DemoWorker(self.bootstrap, partitions))
            self.cases: Final = running.enter_context(cases(self.bootstrap))
            self.desk: Final = running.enter_context(DemoDesk(self.bootstrap))
            self.told: Final[Told] = running.enter_context(alertmanager())
            self.notifier: Final = running.enter_context(
                notifier(self.bootstrap, self.told.address)
            )
            self._running: Final = running.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def require_running(self) -> None:
        """Raise DemoFailed if a service has ended."""
        for service in (self.worker, self.cases, self.desk, self.notifier):
            service.require_running()

    def places(self, report: str) -> Places:
        """Return where all of it can be seen; `report` is the path of the page for people."""
        return Places(
            self.desk.address,
            report,
            self.told.address,
            self.told.program,
            {
                "worker": self.worker.metrics_url,
                "cases": self.cases.metrics_url,
                "desk": self.desk.metrics_url,
                "notify": self.notifier.metrics_url,
            },
            self.bootstrap,
        )
