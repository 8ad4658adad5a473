"""`aboveboard detect`: alerts from files of events, in one process, without a broker."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec
from rich.console import Console

from detectors.alerts.alert import Alert
from detectors.basis.errors import AboveboardError
from streams.cli.alert_table import agent_table, strongest_first
from streams.cli.progress_bar import ByteProgress
from streams.cli.summary import CurrentAlerts, Rejections, summary
from streams.cli.until import until_time
from streams.files.detection import Detection
from streams.files.events import EventFiles
from streams.files.settings import settings_from
from streams.printable import printable
from streams.wire.dead_letter import DeadLetter, to_json
from streams.worker.garbage import rare_collections

SENTENCES: Final = 10
"""How many of the strongest alerts are told in words under the table."""

STDOUT: Final = "-"


class ContradictoryOutput(AboveboardError):
    """Two kinds of output were asked for in one place."""


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
        help="write every rejected record here, with its reason and place",
    )


def run(arguments: argparse.Namespace) -> int:
    """Find the alerts; the log goes to its file, the table to stdout, the summary to stderr.

    Raises
    ------
    AboveboardError, OSError
        If settings, arguments or input cannot be used, or an output cannot be written; the log
        then ends early.
    """
    out, form = arguments.out, arguments.format
    if out == STDOUT and form == "table":
        raise ContradictoryOutput("--out - and --format table both want stdout; give --out a file")
    if out is None and form == "json":
        out = STDOUT
    started = time.perf_counter()
    settings = settings_from(arguments.config)
    until = until_time(arguments.until, settings.limits)
    current, rejections = CurrentAlerts(), Rejections()
    with (
        EventFiles(arguments.paths, settings) as files,
        _alert_log(out) as log,
        _dead_letters(arguments.dead_letters, rejections) as reject,
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


@contextmanager
def _alert_log(out: str | None) -> Iterator[Callable[[Alert], None]]:
    """Open the log of alerts; gives what writes one revision."""
    if out is None:
        yield lambda _: None
    elif out == STDOUT:
        yield _writer(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        with Path(out).open("wb") as file:
            yield _writer(file)


def _writer(file: IO[bytes]) -> Callable[[Alert], None]:
    encode = msgspec.json.Encoder().encode

    def write(alert: Alert) -> None:
        file.write(encode(alert) + b"\n")

    return write


@contextmanager
def _dead_letters(
    path: Path | None, rejections: Rejections
) -> Iterator[Callable[[DeadLetter], None]]:
    """Open the file of dead letters; gives what takes one. Without a file the first are shown."""
    if path is None:
        yield rejections.take
        return
    with path.open("wb") as file:

        def write(letter: DeadLetter) -> None:
            file.write(to_json(letter) + b"\n")

        yield write


def _print_table(current: CurrentAlerts) -> None:
    console = Console()
    alerts = strongest_first(current.open_about_agents())
    if alerts:
        console.print(agent_table(alerts, "Open alerts about agents"))
        console.print("\nThe strongest, in a sentence each:")
        for place, alert in enumerate(alerts[:SENTENCES], start=1):
            console.print(f"{place:2}. {printable(alert.summary)}", markup=False, highlight=False)
        console.print()
    else:
        console.print("No open alerts about agents.")
    console.print(f"Open alerts about accounts: {current.open_about_accounts():,}")
