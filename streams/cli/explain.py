"""`aboveboard explain`: recomputes from the events what an alert says, and says whether it holds.

The pipeline runs over the files to find the alert, and a second time to collect its subject's
outcomes, so that memory does not grow with the number of agents.
"""

import argparse
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct
from rich.console import Console

from detectors.agents.alerting.judgement import Judgement
from detectors.alerts.alert import Alert
from detectors.basis.event_time import Seconds, day_of
from detectors.basis.identifiers import AccountId, AgentId
from detectors.profiles.numbers import NUMBERS
from detectors.settings import Settings
from streams.cli.arguments import until_time
from streams.cli.progress_bar import ByteProgress
from streams.errors import AlertNotFound, InvalidPlot
from streams.explain.account import AccountExplanation, account_events
from streams.explain.agent import AgentExplanation
from streams.explain.chart import opened_at_end_of
from streams.explain.corrections import late_corrections
from streams.explain.evidence import Judged
from streams.explain.figure_file import figure_writer
from streams.explain.figure_theme import THEMES
from streams.explain.profile import ProfileExplanation, sold_days
from streams.files.detection import Detection
from streams.files.events import STDIN, Block, EventFiles, Origin
from streams.files.settings import settings_from
from streams.printable import printable
from streams.wire.dead_letter import DeadLetter

AGREES: Final = 0
DISAGREES: Final = 1


class AlertExplanation(Protocol):
    """An alert beside what the events say."""

    def agrees(self) -> bool:
        """Return whether both say the same."""

    def print(self, console: Console) -> None:
        """Show why."""


class Input(Struct, frozen=True):
    """The events and how they are judged."""

    paths: list[str]
    settings: Settings
    until: datetime | None

    @contextmanager
    def blocks(self, title: str) -> Iterator[Iterator[Block]]:
        """Open the files once more and yield their lines, with a progress bar over long ones."""
        with (
            EventFiles(self.paths, self.settings) as files,
            ByteProgress(title, files.size(), files.position) as progress,
        ):
            yield _watched(files.blocks(), progress)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    parser.add_argument("alert_id", metavar="ALERT_ID", help="id of the alert (alert_id)")
    parser.add_argument(
        "paths", nargs="+", metavar="PATH", help="files of events in which the alert was found"
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
    """Print (and draw) the explanation; return 0 if alert and recomputation agree, 1 if not.

    Raises
    ------
    AboveboardError, OSError
        If there is no such alert, or settings, arguments or input cannot be used.
    """
    if STDIN in arguments.paths:
        raise AlertNotFound("explain reads its input more than once; write stdin to a file first")
    draw = None if arguments.plot is None else figure_writer(arguments.plot, arguments.theme)
    settings = settings_from(arguments.config)
    source = Input(arguments.paths, settings, until_time(arguments.until, settings.limits))
    revisions, watermark, refused = _find(source, arguments.alert_id)
    latest = revisions[-1]
    is_profile = latest.pattern in settings.profiles
    about = "a profile" if is_profile else f"an {latest.subject.type}"
    if draw is not None and about != "an agent":
        raise InvalidPlot(
            f"alert {latest.alert_id} is about {about}, which has no running evidence to draw; "
            "leave out --plot"
        )
    explanation: AlertExplanation
    if is_profile:
        explanation = _explain_profile(source, revisions)
    elif about == "an agent":
        explanation = _explain_agent(source, revisions, watermark)
    else:
        account_id = AccountId(latest.subject.id)
        with source.blocks("Reading the account's events") as blocks:
            events = account_events(settings, source.until, blocks, account_id, refused)
        explanation = AccountExplanation(settings, revisions, events, watermark)
    console = Console(highlight=False, markup=False)
    console.print(printable(latest.summary))
    console.print(
        f"Alert {latest.alert_id}, {latest.pattern} version {latest.pattern_version}, "
        f"{latest.severity}, {latest.status}, revision {latest.revision}, "
        f"opened {latest.opened_at.isoformat()}, updated {latest.updated_at.isoformat()}"
    )
    explanation.print(console)
    if draw is not None and isinstance(explanation, AgentExplanation):
        draw(explanation.chart)
        console.print(f"The figure is in {printable(str(arguments.plot))}.")
    agrees = explanation.agrees()
    console.print(
        "AGREE: the events give what the alert says."
        if agrees
        else "DISAGREE: the events do not give what the alert says."
    )
    return AGREES if agrees else DISAGREES


def _find(source: Input, alert_id: str) -> tuple[list[Alert], Seconds, set[Origin]]:
    """Return the alert's revisions, the watermark at the end, and the places of refused records."""
    revisions: list[Alert] = []
    refused: set[Origin] = set()
    others: set[str] = set()

    def refuse(letter: DeadLetter) -> None:
        refused.add(Origin(letter.source, letter.line or 0))

    detection = Detection(source.settings, source.until, refuse)
    with source.blocks("Looking for the alert") as blocks:
        for alerts in detection.alerts(blocks):
            for alert in alerts:
                if alert.alert_id == alert_id:
                    revisions.append(alert)
                else:
                    others.add(alert.alert_id)
    if not revisions:
        raise AlertNotFound(
            f"no alert {alert_id} among the {len(others):,} that these events give; name the "
            "files, --config and --until that it was found with"
        )
    return revisions, detection.watermark, refused


def _explain_agent(source: Input, revisions: list[Alert], watermark: Seconds) -> AgentExplanation:
    subject = (AgentId(revisions[0].subject.id), revisions[0].pattern)
    judgements = _JudgementsOf(*subject)
    detection = Detection(source.settings, source.until, _ignore, judgements)
    with source.blocks("Collecting the agent's outcomes") as blocks:
        opened = {
            opened_at_end_of(alert)
            for alerts in detection.alerts(blocks)
            for alert in alerts
            if (alert.subject.type, alert.subject.id, alert.pattern) == ("agent", *subject)
        }
    judged = [_judged(judgement) for judgement in judgements]
    last_day = day_of(watermark) - 1
    explanation = AgentExplanation(source.settings, revisions, judged, [], last_day, opened)
    if explanation.agrees():
        return explanation
    with source.blocks("Looking for late corrections") as blocks:
        corrected = late_corrections(source.settings, source.until, blocks, subject, judged)
    return AgentExplanation(source.settings, revisions, judged, corrected, last_day, opened)


def _explain_profile(source: Input, revisions: list[Alert]) -> ProfileExplanation:
    settings, latest = source.settings, revisions[-1]
    number = NUMBERS[settings.profiles[latest.pattern].watches]
    with source.blocks("Collecting what was sold") as blocks:
        days = sold_days(settings, source.until, blocks, number, AgentId(latest.subject.id))
    return ProfileExplanation(settings, revisions, days)


def _judged(judgement: Judgement) -> Judged:
    return Judged(
        judgement.day,
        judgement.sale_id,
        judgement.expected,
        judgement.bad,
        judgement.between_agent_sd,
        judgement.tempering,
        judgement.trials,
        judgement.bad_ones,
        judgement.cell,
    )


class _JudgementsOf(list[Judgement]):
    """Keeps the judgements of one agent and pattern only."""

    def __init__(self, agent_id: AgentId, pattern: str) -> None:
        super().__init__()
        self._subject: Final = (agent_id, pattern)

    def extend(self, judgements: Iterable[Judgement], /) -> None:
        """Add those judgements that are of the agent."""
        super().extend(j for j in judgements if (j.agent_id, j.pattern) == self._subject)


def _ignore(_: DeadLetter) -> None:
    """Let a rejected record go: the first run has taken note of it."""


def _watched(blocks: Iterator[Block], progress: ByteProgress) -> Iterator[Block]:
    for block in blocks:
        yield block
        progress.update()
