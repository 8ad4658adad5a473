"""`aboveboard demo`: a simulated year on an embedded broker, alerts shown as they open."""

import argparse
import contextlib
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from detectors.alerts.alert import Alert
from detectors.basis.errors import AboveboardError
from streams.cli.alert_table import severity_text
from streams.cli.alerts import read_alerts
from streams.cli.replay import ReplayCounts, replay
from streams.cli.topics import create_topics
from streams.demo.embedded_broker import EmbeddedBroker
from streams.demo.report import Verdicts, verdict_sentence, verdict_table, verdicts
from streams.demo.worker_process import DemoFailure, DemoWorker
from streams.simulation.centre import simulate
from streams.simulation.settings import SimulationSettings
from streams.simulation.tally import Tally
from streams.simulation.truth import Truth, truth
from streams.wire.topics import EVENT_TOPICS, Topic

PARTITIONS: Final = 4
SALES_PER_DAY: Final = 1.8
"""Few enough for a year to be over in less than a minute and a half on two cores."""

SETTLE_SECONDS: Final = 3.0
"""The year counts as judged when nothing has come of it for so long."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "--agents", type=int, default=200, help="number of agents (default: %(default)s)"
    )
    parser.add_argument(
        "--days", type=int, default=365, help="length of the period (default: %(default)s)"
    )
    parser.add_argument(
        "--seed",
        type=int,
        default=7,
        help="the same seed gives the same events (default: %(default)s)",
    )
    parser.add_argument(
        "--sales-per-day",
        type=float,
        default=SALES_PER_DAY,
        help="mean sales of an agent on a working day (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Show the demo; 0 when it was shown, whatever was found. Raises DemoFailure, OSError."""
    console = Console()
    settings = SimulationSettings(
        agents=arguments.agents,
        days=arguments.days,
        seed=arguments.seed,
        sales_per_day=arguments.sales_per_day,
    )
    tally = Tally()
    lines = list(simulate(settings, tally))
    facts = truth(settings, tally)
    console.print(
        f"A simulated contact centre: {settings.agents} agents, {settings.days} days, "
        f"{len(lines):,} events, {len(facts.planted)} planted agents (seed {settings.seed}).",
        highlight=False,
    )
    with EmbeddedBroker() as broker, contextlib.suppress(KeyboardInterrupt):
        create_topics(broker.bootstrap, partitions=PARTITIONS)
        with DemoWorker(broker.bootstrap, PARTITIONS) as worker:
            _show(console, broker.bootstrap, worker, lines, facts)
            if sys.stdout.isatty():
                console.print("Everything stays up until you press Ctrl-C.", style="bold")
                while worker.running():
                    time.sleep(0.5)
                raise DemoFailure(f"the worker ended:\n{worker.log_tail()}")
    return 0


class Feed:
    """Reads alerts in a thread of its own and shows those about agents as they open."""

    def __init__(self, bootstrap: str, progress: Progress) -> None:
        self.alerts: Final[list[Alert]] = []
        self.error: BaseException | None = None
        self._bootstrap: Final = bootstrap
        self._progress: Final = progress
        self._ended: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._read, name="alert-feed", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop reading."""
        self._ended.set()
        self._thread.join()

    def _read(self) -> None:
        shown: set[tuple[str, str, str]] = set()
        try:
            for _, alert in read_alerts(self._bootstrap, until=self._ended.is_set):
                self.alerts.append(alert)
                told = (alert.alert_id, alert.severity, alert.status)
                if alert.subject.type == "agent" and told not in shown:
                    shown.add(told)
                    self._progress.console.print(_shown(alert), highlight=False)
        except AboveboardError as error:
            self.error = error


class Sender:
    """Replays events in a thread of its own."""

    def __init__(self, lines: list[bytes], bootstrap: str) -> None:
        self.counts: ReplayCounts | None = None
        self.error: BaseException | None = None
        self._lines: Final = lines
        self._bootstrap: Final = bootstrap
        threading.Thread(target=self._send, name="replay", daemon=True).start()

    def _send(self) -> None:
        try:
            self.counts = replay(self._lines, self._bootstrap)
        except AboveboardError as error:
            self.error = error


def _show(
    console: Console, bootstrap: str, worker: DemoWorker, lines: list[bytes], facts: Truth
) -> None:
    with _progress(console, len(lines)) as (progress, task):
        feed = Feed(bootstrap, progress)
        try:
            _wait_until_settled(worker, Sender(lines, bootstrap), feed, progress, task)
        finally:
            feed.close()
    result: Verdicts = verdicts(facts, lines, feed.alerts)
    console.print()
    console.print(verdict_table(result))
    console.print(verdict_sentence(result), style="bold", highlight=False)
    console.print(f"\nMetrics  {worker.metrics_url}", highlight=False)
    console.print(
        f"Broker   {bootstrap}  (topics in: {', '.join(EVENT_TOPICS)}; "
        f"out: {Topic.ALERTS}, {Topic.ALERTS_CURRENT}, {Topic.DEAD_LETTERS})",
        highlight=False,
    )


@contextlib.contextmanager
def _progress(console: Console, total: int) -> Iterator[tuple[Progress, TaskID]]:
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} events"),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    )
    with progress:
        yield progress, progress.add_task("Replaying the year", total=total)


def _wait_until_settled(
    worker: DemoWorker, sender: Sender, feed: Feed, progress: Progress, task: TaskID
) -> None:
    """Return once everything sent has been read, and nothing has come of it for a while."""
    seen: tuple[float, float, int] = (0.0, 0.0, 0)
    since = time.monotonic()
    while True:
        time.sleep(0.25)
        for error in (sender.error, feed.error):
            if error is not None:
                raise error
        if not worker.running():
            raise DemoFailure(f"the worker ended:\n{worker.log_tail()}")
        read = worker.sum_of("aboveboard_events_total")
        accounts = sum(alert.subject.type == "account" for alert in feed.alerts)
        progress.update(
            task, completed=read, description=f"Replaying the year; {accounts:,} unused accounts"
        )
        now = (read, worker.sum_of("aboveboard_evidence_updates_total"), len(feed.alerts))
        if now != seen:
            seen, since = now, time.monotonic()
        sent = sender.counts
        if sent is not None and read >= sent.events and time.monotonic() - since > SETTLE_SECONDS:
            return


def _shown(alert: Alert) -> Text:
    evidence = alert.evidence
    text = Text(f"{alert.updated_at.date().isoformat()}  ", style="dim")
    text.append_text(severity_text(alert))
    text.append(f"  {alert.subject.id}  {alert.pattern}", style="bold")
    if alert.status != "open":
        text.append(f"  {alert.status}", style="green")
    text.append(f"\n    {alert.summary}", style="default")
    if evidence.value is not None and evidence.threshold is not None:
        text.append(
            f"\n    evidence {evidence.value:,.0f} (a warning begins at "
            f"{evidence.threshold:,.0f}), {evidence.pending} sales pending",
            style="dim",
        )
    return text
