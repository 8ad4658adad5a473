"""`aboveboard demo`: a simulated year on an embedded broker, alerts shown as they open."""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import AgainstPeers
from streams.broker.admin import create_topics
from streams.cli.alert_table import severity_text
from streams.demo.alert_feed import AlertFeed
from streams.demo.embedded_broker import EmbeddedBroker
from streams.demo.replay_thread import ReplayThread
from streams.demo.report import Verdicts, verdict_sentence, verdict_table, verdicts
from streams.demo.settling import wait_until_settled
from streams.demo.worker_process import DemoWorker
from streams.errors import DemoFailed
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import Truth, truth
from streams.wire.topics import EVENT_TOPICS, Topic

PARTITIONS: Final = 4
SALES_PER_DAY: Final = 1.8
"""Few enough for a year to be over in less than a minute and a half on two cores."""


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
    """Show the demo; 0 when it was shown, whatever was found. Raises DemoFailed, OSError."""
    console = Console()
    settings = SimulationSettings(
        agents=arguments.agents,
        days=arguments.days,
        seed=arguments.seed,
        sales_per_day=arguments.sales_per_day,
    )
    tally = EventCounts()
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
                raise DemoFailed(f"the worker ended:\n{worker.log_tail()}")
    return 0


def _show(
    console: Console, bootstrap: str, worker: DemoWorker, lines: list[bytes], facts: Truth
) -> None:
    with _progress(console, len(lines)) as (progress, task):

        def show(alert: Alert) -> None:
            progress.console.print(_text_of(alert), highlight=False)

        def report(records: float, accounts: int) -> None:
            description = f"Replaying the year; {accounts:,} unused accounts"
            progress.update(task, completed=records, description=description)

        with AlertFeed(bootstrap, show) as feed:
            wait_until_settled(worker, ReplayThread(lines, bootstrap), feed, report)
    result: Verdicts = verdicts(facts, lines, feed.alerts)
    console.print()
    console.print(verdict_table(result))
    console.print(verdict_sentence(result), style="bold", highlight=False)
    if feed.strangers:
        console.print(f"{feed.strangers:,} records in {Topic.ALERTS} were no alerts: left out")
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


def _text_of(alert: Alert) -> Text:
    evidence = alert.evidence
    text = Text(f"{alert.updated_at.date().isoformat()}  ", style="dim")
    text.append_text(severity_text(alert))
    text.append(f"  {alert.subject.id}  {alert.pattern}", style="bold")
    if alert.status != "open":
        text.append(f"  {alert.status}", style="green")
    text.append(f"\n    {alert.summary}", style="default")
    if isinstance(evidence, AgainstPeers):
        text.append(
            f"\n    evidence {evidence.value:,.0f} (a warning begins at "
            f"{evidence.threshold:,.0f}), {evidence.pending} sales pending",
            style="dim",
        )
    return text
