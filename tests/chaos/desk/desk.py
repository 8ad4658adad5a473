"""All that comes after the workers: keepers of cases, people, notifiers, and an Alertmanager."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any, Final, NamedTuple, Self

from msgspec import Struct

from streams.wire.topics import Topic
from tests.alertmanager import AlertmanagerProcess
from tests.chaos.broker_io import read_topics
from tests.chaos.desk.aimed import KEEPER, NOTIFIER
from tests.chaos.desk.people import People
from tests.chaos.desk.verdict import (
    Standing,
    case_differences,
    expected_cases,
    telling_differences,
    to_be_told,
)
from tests.chaos.life import Life
from tests.chaos.supervisor import Supervisor
from tests.monitoring import alertmanager_command

OF_EACH: Final = 2
"""Keepers, and notifiers."""

SETTLE_SECONDS: Final = 90.0
"""How long it may take in the end until cases and people are up to date."""

_LOOK_SECONDS: Final = 1.0


class Commands(NamedTuple):
    """Commands and first arguments of a keeper and of a notifier."""

    keeper: Sequence[str] = KEEPER
    notifier: Sequence[str] = NOTIFIER


class Figures(Struct, frozen=True):
    """How much came of it: cases, decisions, alerts open in the end, messages that people heard.

    ``quiet``: open alerts that people set aside until later. ``failed``: how many times
    Alertmanager gave up to tell the webhook.
    """

    keepers: int
    notifiers: int
    cases: int
    decisions: int
    open: int
    quiet: int
    messages: int
    failed: int
    seconds_to_settle: float


class Desk:
    """Everything, for a block; without a program for Alertmanager there are no notifiers.

    Parameters
    ----------
    bootstrap, prefix, partitions
        The broker and the installation.
    seed
        Decides what people decide.
    folder, config
        Where logs go and Alertmanager keeps its data; the settings file.
    environment
        Gives the environment of a process with these settings.
    commands
        How keepers and notifiers are started.
    """

    def __init__(
        self,
        bootstrap: str,
        prefix: str,
        partitions: int,
        seed: int,
        folder: Path,
        config: Path,
        environment: Callable[..., dict[str, str]],
        commands: Commands,
    ) -> None:
        self._place: Final = (bootstrap, prefix)
        self._partitions: Final = partitions
        self._folder: Final = folder
        self._config: Final = config
        self._environment: Final = environment
        self._commands: Final = commands
        self._people: Final = People(bootstrap, prefix, seed)
        self._running: Final = ExitStack()
        self._alertmanager: AlertmanagerProcess | None = None
        self.services: Mapping[str, Supervisor] = {}

    def __enter__(self) -> Self:
        with ExitStack() as running:
            services = {"keeper": self._keepers(running)}
            program = shutil.which(alertmanager_command()) or shutil.which("alertmanager")
            if program is not None:
                folder = self._folder / "alertmanager"
                folder.mkdir()
                alertmanager = running.enter_context(AlertmanagerProcess(program, folder))
                self._alertmanager = alertmanager
                services["notifier"] = self._notifiers(running, alertmanager)
            self.services = services
            running.enter_context(self._people)
            self._running.enter_context(running.pop_all())
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def up(self) -> None:
        """Start every keeper and notifier."""
        for service in self.services.values():
            service.up()

    def strike(self, over: Event) -> int:
        """Kill every keeper and notifier right after its next write; return how many were.

        Most writes come while the last worker judges the rest: `over` says that it has. One that
        writes nothing for long after that is killed as it is.
        """
        slots = [slot for service in self.services.values() for slot in service.slots]
        with ThreadPoolExecutor(len(slots)) as pool:
            return sum(pool.map(lambda slot: slot.kill_before_commit(over), slots))

    def lives(self) -> list[Life]:
        """Return every keeper and notifier there was."""
        return [life for service in self.services.values() for life in service.lives()]

    def settle(self, revisions: frozenset[bytes]) -> tuple[Figures, list[str]]:
        """Wait until all is as these alerts and the decisions want it; return what is not."""
        begun = time.monotonic()
        self._people.finish()
        while True:
            figures, failures = self._look(revisions, time.monotonic() - begun)
            if not failures or time.monotonic() - begun > SETTLE_SECONDS:
                return figures, failures
            time.sleep(_LOOK_SECONDS)

    def _look(self, revisions: frozenset[bytes], seconds: float) -> tuple[Figures, list[str]]:
        topics = (Topic.DECISIONS, Topic.CASES_CURRENT)
        read = read_topics(*self._place, topics, self._partitions).records
        decisions = read[Topic.DECISIONS]
        cases = expected_cases(revisions, decisions)
        due = to_be_told(revisions, cases, datetime.now(UTC))
        failures = [
            *case_differences(cases, self._people.decided, decisions, read[Topic.CASES_CURRENT])
        ]
        messages = failed = 0
        if self._alertmanager is not None:
            told = self._alertmanager.asked("alerts")
            silenced = [one for one in told if one["status"]["silencedBy"]]
            standing = Standing(_ids(told), _ids(silenced))
            heard = list(self._alertmanager.webhook.heard)
            messages = len(heard)
            failed = self._alertmanager.failed()
            failures += telling_differences(due, heard, standing, failed)
        figures = Figures(
            keepers=OF_EACH,
            notifiers=OF_EACH if self._alertmanager is not None else 0,
            cases=len(cases),
            decisions=len(decisions),
            open=len(due.open),
            quiet=len(due.quiet),
            messages=messages,
            failed=failed,
            seconds_to_settle=round(seconds, 1),
        )
        return figures, failures

    def _keepers(self, running: ExitStack) -> Supervisor:
        command = [*self._commands.keeper, "--config", str(self._config)]
        return running.enter_context(self._service("keeper", command, self._environment()))

    def _notifiers(self, running: ExitStack, alertmanager: AlertmanagerProcess) -> Supervisor:
        environment = self._environment(
            notify_alertmanagers=alertmanager.address,
            notify_pseudonym_key="key",
            # The alerts of a simulated centre are mild.
            notify_severity="info",
            notify_resend="1",
            notify_timeout="5",
        )
        return running.enter_context(
            self._service("notifier", self._commands.notifier, environment)
        )

    def _service(
        self, program: str, command: Sequence[str], environment: Mapping[str, str]
    ) -> Supervisor:
        return Supervisor(command, [environment] * OF_EACH, self._folder / "logs", program)


def _ids(alerts: Sequence[dict[str, Any]]) -> set[str]:
    return {one["labels"]["alert_id"] for one in alerts}
