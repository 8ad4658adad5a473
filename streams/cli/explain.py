"""`aboveboard explain`: recomputes what was told from the events, and says whether both agree.

An alert, what became of a commission, or a commendation: by its id, or the line that was told.
"""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from detectors.settings import Settings
from streams.cli.arguments import until_time
from streams.cli.progress_bar import ByteProgress
from streams.errors import AlertNotFound, InvalidPlot
from streams.explain.agent import AgentExplanation
from streams.explain.alert import explanation_of
from streams.explain.figure_file import figure_writer
from streams.explain.figure_theme import THEMES
from streams.explain.finding import FIRST_TITLE, Found, FoundAlert, FoundCommendation, Source, find
from streams.explain.printing import print_heading, print_verdict
from streams.explain.record import is_found, record_in
from streams.files.events import STDIN, Block, EventFiles
from streams.files.settings import settings_from
from streams.outputs.clashes import refuse_clashes
from streams.outputs.whole_files import orderly_ending
from streams.printable import printable

AGREES: Final = 0
DISAGREES: Final = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "any_id",
        metavar="ID",
        help="id of the alert (alert_id), of the commission of a sale (commission_id), or of the "
        "commendation (commendation_id); or the whole line that was told, which is compared, too",
    )
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="files of events in which it was found"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the settings file (TOML) that detect had"
    )
    parser.add_argument(
        "--until", metavar="TIME", help="the same TIME as for detect, if it had one"
    )
    parser.add_argument(
        "--plot",
        type=Path,
        metavar="FILE",
        help="also draw the evidence into this file (.svg or .png)",
    )
    parser.add_argument(
        "--theme",
        choices=THEMES,
        default="light",
        help="the paper of that figure (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print (and draw) the explanation; return 0 if both agree, 1 if not.

    Raises
    ------
    AboveboardError, OSError
        If there is nothing of this id, or settings, arguments or input cannot be used.
    """
    if STDIN in arguments.paths:
        raise AlertNotFound("explain reads its input more than once; write stdin to a file first")
    any_id, told = record_in(arguments.any_id)
    refuse_clashes([*arguments.paths, arguments.config], {"--plot": arguments.plot}, prints=True)
    draw = None if arguments.plot is None else figure_writer(arguments.plot, arguments.theme)
    settings = settings_from(arguments.config)
    source = Source(
        settings,
        until_time(arguments.until, settings.limits),
        lambda title: _blocks(arguments.paths, settings, title),
    )
    found = find(source, any_id)
    if draw is not None:
        _require_course(found, settings)
    explanation = explanation_of(source, found)
    console = Console(highlight=False, markup=False)
    print_heading(found.latest, console)
    explanation.print(console)
    if draw is not None and isinstance(explanation, AgentExplanation):
        with orderly_ending():
            draw(explanation.chart)
        console.print(f"The figure is in {printable(str(arguments.plot))}.")
    agrees = explanation.agrees()
    if told is not None:
        agrees &= is_found(told, found.revisions, console)
    print_verdict(found.latest, console, agrees=agrees)
    return AGREES if agrees else DISAGREES


def _require_course(found: Found, settings: Settings) -> None:
    """Refuse to draw what has no evidence that runs from day to day."""
    subject = "a commendation" if isinstance(found, FoundCommendation) else "a commission"
    if isinstance(found, FoundAlert):
        about = found.subject(settings)
        if about in ("an agent", "a site", "a team"):
            return
        subject = f"alert {found.latest.alert_id} is about {about}, which"
    raise InvalidPlot(f"{subject} has no running evidence to draw; leave out --plot")


@contextmanager
def _blocks(paths: list[str], settings: Settings, title: str) -> Iterator[Iterator[Block]]:
    """Open the files once more and yield their lines, with a progress bar over long ones."""
    with (
        EventFiles(paths, settings) as files,
        ByteProgress(title, files.size(), files.position) as progress,
    ):
        yield _watched(files.blocks(), progress)
        if title == FIRST_TITLE:  # every pass reads the same files, and would say the same
            sys.stderr.writelines(
                f"aboveboard explain: {printable(hole)}\n" for hole in files.holes()
            )


def _watched(blocks: Iterator[Block], progress: ByteProgress) -> Iterator[Block]:
    for block in blocks:
        yield block
        progress.update()
