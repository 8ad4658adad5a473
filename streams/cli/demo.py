"""`aboveboard demo`: a simulated year on an embedded broker, alerts shown as they open."""

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from detectors.alerts.alert import Alert
from detectors.alerts.evidence import AgainstPeers
from streams.cli.alert_table import severity_text
from streams.demo.alert_feed import AlertFeed
from streams.demo.browser import open_in_browser
from streams.demo.ending import Ending, end
from streams.demo.installation import Installation, Places
from streams.demo.replay_thread import ReplayThread
from streams.demo.report import Verdicts, verdict_sentence, verdict_table, verdicts
from streams.demo.settling import wait_until_settled
from streams.demo.where_to_look import commands, decided, places
from streams.outputs.whole_files import WholeFiles
from streams.reports.report_file import ReportFile
from streams.simulation.centre import simulate
from streams.simulation.counts import EventCounts
from streams.simulation.settings import SimulationSettings
from streams.simulation.truth import truth
from streams.wire.topics import Topic

PARTITIONS: Final = 4
REPORT: Final = "demo-report.html"
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
    parser.add_argument(
        "--report",
        default=REPORT,
        metavar="FILE",
        help="write the report for people here: one page of HTML, or text if its name ends in .txt "
        "(default: %(default)s)",
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
    with contextlib.suppress(KeyboardInterrupt), Installation(PARTITIONS) as installation:
        installation.worker.wait_until_ready()
        installation.desk.wait_until_ready()
        console.print(f"The desk: {installation.desk.address}/", style="bold", highlight=False)
        open_in_browser(f"{installation.desk.address}/")
        with WholeFiles() as files:
            report = ReportFile(arguments.report, files)  # tried now, before the year is played
            feed = _play(console, installation, lines)
            result = verdicts(facts, lines, feed.alerts)
            ending = end(installation, feed, report)
        _show(console, result, feed.strangers)
        _show_ending(console, ending, installation.places(str(Path(arguments.report).absolute())))
        if sys.stdout.isatty():
            console.print("\nEverything stays up until you press Ctrl-C.", style="bold")
            while True:
                installation.require_running()
                time.sleep(0.5)
    return 0


def _play(console: Console, installation: Installation, lines: list[bytes]) -> AlertFeed:
    """Send the year, show its alerts, and return them once all of it was judged."""
    with _progress(console, len(lines)) as (progress, task):

        def show(alert: Alert) -> None:
            progress.console.print(_text_of(alert), highlight=False)

        def report(records: float, accounts: int) -> None:
            description = f"Replaying the year; {accounts:,} unused accounts"
            progress.update(task, completed=records, description=description)

        bootstrap = installation.bootstrap
        with AlertFeed(bootstrap, show) as feed:
            wait_until_settled(installation, ReplayThread(lines, bootstrap), feed, report)
    return feed


def _show(console: Console, result: Verdicts, strangers: int) -> None:
    console.print()
    console.print(verdict_table(result))
    console.print(verdict_sentence(result), style="bold", highlight=False)
    if strangers:
        console.print(f"{strangers:,} records in {Topic.ALERTS} were no alerts: left out")


def _show_ending(console: Console, ending: Ending, there: Places) -> None:
    sections = (
        ("What became of them", decided(ending)),
        ("Where to look", places(there)),
        ("To try in another terminal", commands(there, ending.alert)),
    )
    for title, lines in sections:
        console.print(f"\n{title}", style="bold")
        for line in lines:
            # To be copied: so no line is broken by us.
            console.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)


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
