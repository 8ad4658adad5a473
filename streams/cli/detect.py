"""`aboveboard detect`: alerts from files of events, in one process, without a broker."""

import argparse
import sys
import time
from pathlib import Path
from typing import Final

from rich.console import Console

from streams.cli.alert_table import agent_table, strongest_first
from streams.cli.arguments import until_time
from streams.cli.progress_bar import ByteProgress
from streams.cli.summary import CurrentAlerts, Rejections, summary
from streams.files.detection import Detection
from streams.files.events import EventFiles
from streams.files.outputs import STDOUT, alert_log, alert_output, dead_letter_file
from streams.files.settings import settings_from
from streams.memory import rare_collections
from streams.printable import printable

SENTENCES: Final = 10
"""How many of the strongest alerts stand in words under the table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="files of events (.jsonl, .jsonl.gz), merged by time; - for stdin",
    )
    parser.add_argument(
        "--out", metavar="FILE", help="write every revision of every alert here; - for stdout"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="settings file (TOML)")
    parser.add_argument(
        "--until",
        metavar="TIME",
        help="judge up to this time (2025-06-30T00:00:00Z), and leave out later events",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json"),
        help="print a table of the open alerts, or (without --out) every revision as JSON",
    )
    parser.add_argument(
        "--dead-letters",
        type=Path,
        metavar="FILE",
        help="write every rejected record here, with its reason and location",
    )


def run(arguments: argparse.Namespace) -> int:
    """Find the alerts; the log goes to its file, the table to stdout, the summary to stderr.

    Raises
    ------
    AboveboardError, OSError
        If settings, arguments or input cannot be used, or an output cannot be written; the log
        then ends early.
    """
    out, form = alert_output(arguments.out, arguments.format), arguments.format
    started = time.perf_counter()
    settings = settings_from(arguments.config)
    until = until_time(arguments.until, settings.limits)
    current, rejections = CurrentAlerts(), Rejections()
    with (
        EventFiles(arguments.paths, settings) as files,
        alert_log(out) as log,
        dead_letter_file(arguments.dead_letters, otherwise=rejections.add) as reject,
        ByteProgress("Reading events", files.size(), files.position) as progress,
        rare_collections(),
    ):
        detection = Detection(settings, until, reject)
        for alerts in detection.alerts(files.blocks()):
            for alert in alerts:
                current.update(alert)
                log(alert)
            progress.update()
    sys.stderr.write(summary(detection, current, rejections, until, time.perf_counter() - started))
    if form == "table" or (form is None and (out is None or _at_a_terminal(out))):
        _print_table(current)
    return 0


def _at_a_terminal(out: str) -> bool:
    return out != STDOUT and sys.stdout.isatty()


def _print_table(current: CurrentAlerts) -> None:
    console = Console()
    alerts = strongest_first(current.open_about_agents())
    if alerts:
        console.print(agent_table(alerts, "Open alerts about agents"))
        console.print("\nThe strongest, in a sentence each:")
        for rank, alert in enumerate(alerts[:SENTENCES], start=1):
            console.print(f"{rank:2}. {printable(alert.summary)}", markup=False, highlight=False)
        console.print()
    else:
        console.print("No open alerts about agents.")
    console.print(f"Open alerts about accounts: {current.open_about_accounts():,}")
