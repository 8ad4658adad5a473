"""`aboveboard detect`: alerts from files of events, in one process, without a broker."""

import argparse
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from rich.console import Console

from detectors.alerts.alert import Alert
from detectors.basis.errors import InvalidSettings
from detectors.cases.book import CaseBook
from detectors.settings import Settings
from streams.cli.alert_table import agent_table, strongest_first
from streams.cli.arguments import add_most_refused, until_time
from streams.cli.not_used import Rejections
from streams.cli.progress_bar import ByteProgress
from streams.cli.summary import CurrentAlerts, summary, summary_of_decisions
from streams.errors import NothingApplied
from streams.files.detection import Detection
from streams.files.events import EventFiles
from streams.files.outputs import DetectOutputs, alert_output
from streams.files.settings import settings_from
from streams.files.shortfall import Tally, nothing_used, too_little
from streams.memory import rare_collections
from streams.outputs.clashes import refuse_clashes
from streams.outputs.places import STDOUT
from streams.outputs.whole_files import WholeFiles, orderly_ending
from streams.printable import printable
from streams.reports.run_report import RunReport, report_since
from streams.wire.dead_letter import DeadLetter

NOT_ALL: Final = 1
"""Exit code of a run that could not read all of its input, or refused too much of it."""

SENTENCES: Final = 10
"""How many of the strongest alerts stand in words under the table."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="files of events, one JSON object a line, also packed with gzip or zstd, merged by "
        "time; - for stdin",
    )
    parser.add_argument(
        "--out",
        metavar="FILE",
        help="write every revision of every alert here, when the run has ended well; - for stdout, "
        "as they are found",
    )
    parser.add_argument(
        "--cases",
        metavar="FILE",
        help="write every case here: the alerts of one subject, with what people decided (lines of "
        "type decision among the events), one JSON object a line; - for stdout",
    )
    parser.add_argument(
        "--verifications",
        metavar="FILE",
        help="write which sales somebody else than the seller is to call back, chosen by chance "
        "(settings: verification), one JSON object a line; - for stdout",
    )
    parser.add_argument(
        "--commission",
        metavar="FILE",
        help="write what becomes of commissions here: release, claw_back or hold; the last line of "
        "a sale holds, one JSON object a line; - for stdout. The settings need commission.window",
    )
    parser.add_argument(
        "--commendations",
        metavar="FILE",
        help="write every revision of every commendation here: agents whose sales are kept and "
        "used more than those of peers, one JSON object a line; - for stdout",
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
        help="write every rejected record here, with its reason and location; - for stdout",
    )
    parser.add_argument(
        "--report",
        metavar="FILE",
        help="write a report for people here: one page of HTML, or text if its name ends in .txt; "
        "- for text to stdout",
    )
    parser.add_argument(
        "--report-since",
        metavar="TIME",
        help="what the report calls new: what came since this time (2025-06-30T00:00:00Z), or in "
        "the last while that was judged, such as 7d",
    )
    add_most_refused(parser)
    parser.epilog = (
        "Exit code 0: done. 1: a file has no ending, or too many records were refused. 2: nothing "
        "could be applied, and the last log of alerts stays; or bad usage. The last line says why."
    )


def run(arguments: argparse.Namespace) -> int:
    """Find the alerts; the log goes to its file, the table to stdout, the summary to stderr.

    Raises
    ------
    AboveboardError, OSError
        If settings, arguments or input cannot be used, or an output cannot be written. Outputs in
        files then keep what they held; but if no record could be used, the dead letters are written
        all the same, since they say why.
    """
    out, form = alert_output(arguments.out, arguments.format), arguments.format
    prints_table = form == "table" or (form is None and (out is None or _at_a_terminal(out)))
    refuse_clashes(
        [*arguments.paths, arguments.config],
        {
            "--out": out,
            "--cases": arguments.cases,
            "--verifications": arguments.verifications,
            "--commission": arguments.commission,
            "--commendations": arguments.commendations,
            "--dead-letters": arguments.dead_letters,
            "--report": arguments.report,
        },
        prints=prints_table,
    )
    started = time.perf_counter()
    settings = settings_from(arguments.config)
    _refuse_requests_of_none(arguments.verifications, settings)
    settings.commission.needs_window(is_asked=arguments.commission is not None)
    until = until_time(arguments.until, settings.limits)
    current, rejections = CurrentAlerts(), Rejections()
    book = CaseBook(settings.cases)
    since = report_since(arguments.report_since, arguments.report)
    with (
        orderly_ending(),
        EventFiles(arguments.paths, settings) as files,
        WholeFiles() as written,
        ByteProgress("Reading events", files.size(), files.position) as progress,
        rare_collections(),
    ):
        outputs = DetectOutputs(
            written,
            out,
            arguments.cases,
            arguments.commission,
            arguments.dead_letters,
            rejections.show,
            arguments.verifications,
            arguments.commendations,
        )
        report = None if arguments.report is None else RunReport(arguments.report, since, written)

        def reject(letter: DeadLetter) -> None:
            rejections.counts.add(letter)
            outputs.reject(letter)

        decide, pay = book.add_decision, outputs.pay
        detection = Detection(settings, until, reject, decide=decide, pay=pay)
        takers = [current.update, book.add_alert, outputs.alert]
        if report is not None:
            takers.append(report.add)
        for alerts in detection.alerts(files.blocks()):
            _give(alerts, takers)
            outputs.requests(detection.drain_requests())
            progress.update()
        cases = list(book.cases())
        for case in cases:
            outputs.case(case)
        outputs.commend(detection.commendations())
        sys.stdout.flush()  # whoever read it may have gone: then nothing takes its name
        tally = _tally(detection, rejections, files)
        nothing = nothing_used(tally, f"after --until {arguments.until}")
        if nothing is not None:
            outputs.keep_last_log()
        if report is not None:
            report.write(detection, tally, cases)
    seconds = time.perf_counter() - started
    sys.stderr.write(summary(detection, current, rejections, until, seconds))
    sys.stderr.write(summary_of_decisions(detection.counts, cases, book.unmatched()))
    if nothing is not None:
        raise NothingApplied(nothing)
    if prints_table:
        _print_table(current)
    shortfall = too_little(tally, arguments.most_refused)
    if shortfall is None:
        return 0
    sys.stdout.flush()  # the reason is to be the last line
    sys.stderr.write(f"aboveboard detect: {shortfall}\n")
    return NOT_ALL


def _refuse_requests_of_none(path: str | None, settings: Settings) -> None:
    """Refuse to write requests where the settings ask for no sale."""
    if path is not None and not settings.verification.is_on:
        raise InvalidSettings(
            "--verifications: no sale is asked for, since `verification.rate` is 0; give a rate "
            "and a key in the settings (docs/settings.md)"
        )


def _give(alerts: Iterable[Alert], takers: Iterable[Callable[[Alert], None]]) -> None:
    for alert in alerts:
        for take in takers:
            take(alert)


def _tally(detection: Detection, rejections: Rejections, files: EventFiles) -> Tally:
    counts = detection.counts
    return Tally(
        used=counts.applied.total() + counts.unchanged.total() + counts.decisions,
        left_out=counts.after_until.total(),
        refusals=rejections.counts,
        beginnings=files.beginnings(),
        holes=files.holes(),
    )


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
