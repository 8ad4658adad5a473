"""The report of a run over files of events."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from detectors.alerts.alert import Alert
from detectors.basis.durations import seconds_of
from detectors.basis.event_time import BEGINNING, moment
from detectors.basis.identifiers import PatternName
from detectors.cases.case import Case
from detectors.events.event import Moment
from detectors.sight.stretch import Stretch, told_once
from streams.errors import InvalidArguments, InvalidTime
from streams.files.detection import Detection
from streams.files.market_lines import market_lines
from streams.files.shortfall import Tally
from streams.files.traffic_lines import traffic_lines
from streams.files.unjudged import unjudged_lines
from streams.outputs.whole_files import WholeFiles
from streams.printable import printable
from streams.reports.contents import contents_of
from streams.reports.findings import Findings
from streams.reports.names import counted
from streams.reports.report_file import ReportFile
from streams.reports.unseen import unseen_in_files

MOST_NAMED: Final = 5
"""Stretches that a report names, the first ones."""

_DURATION: Final = re.compile(r"[0-9]{1,6}(\.[0-9]+)?[smhd]")


class RunReport:
    """Gathers the alerts of a run, and writes the report at its end.

    Parameters
    ----------
    path, files
        As for `ReportFile`.
    since
        From when on something counts as new: a time, or a span before the end of the run.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        since: datetime | timedelta | None,
        files: WholeFiles,
    ) -> None:
        self._since: Final = since
        self._file: Final = ReportFile(path, files)
        self._findings: Final = Findings()

    def add(self, alert: Alert) -> None:
        """Apply the next revision; in a run over files it is told at its event time."""
        self._findings.add(alert, alert.updated_at)

    def write(self, detection: Detection, tally: Tally, cases: Sequence[Case] = ()) -> None:
        """Write the report; `cases` are those of the run. Raises OSError that names the path."""
        reached = detection.watermark
        judged_until = None if reached == BEGINNING else moment(reached)
        since = self._since
        if isinstance(since, timedelta):
            since = None if judged_until is None else judged_until - since
        holes = [*self._findings.data_quality(), *_unsaid(detection)]
        blind = blind_in_words(detection.unseen(), detection.left_out(), detection.untold())
        unseen = unseen_in_files(
            detection.counts, tally, detection.matches(), holes, judged_until, blind
        )
        self._file.write(
            contents_of(self._findings, unseen, judged_until=judged_until, since=since, cases=cases)
        )


def blind_in_words(
    stretches: Sequence[Stretch],
    outcomes: Mapping[PatternName, int],
    accounts: Mapping[PatternName, int],
) -> Iterator[str]:
    """Yield what could not be seen, and how much is left unsaid for it; nothing if all was seen.

    Parameters
    ----------
    stretches
        When something could not be seen.
    outcomes, accounts
        How many of each were left out for it, by pattern.
    """
    told = told_once(stretches)
    if not told:
        return
    for stretch in told[:MOST_NAMED]:
        words = printable(stretch.words)
        yield f"{words[:1].upper()}{words[1:]}, though sales went on."
    if len(told) > MOST_NAMED:
        yield f"So it was at {counted(len(told) - MOST_NAMED, 'more time')}."
    left_out = [
        counted(sum(numbers.values()), name)
        for numbers, name in ((outcomes, "outcome"), (accounts, "account"))
        if sum(numbers.values())
    ]
    if left_out:
        yield f"For this {' and '.join(left_out)} were left out: that nothing is told says nothing."


def _unsaid(detection: Detection) -> Iterator[str]:
    """Yield what is told of nobody by name, a sentence each."""
    for lines in (
        market_lines(detection.markets()),
        unjudged_lines(detection.incomparable()),
        traffic_lines(detection.events_asked, detection.counts.newest),
    ):
        told = [line.strip() for line in lines]
        if told:
            yield f"{told[0]}: {'; '.join(told[1:])}."


def report_since(text: str | None, report: str | None) -> datetime | timedelta | None:
    """Return the time that a text says, or the span before the end of the run; None stays None.

    Raises
    ------
    InvalidArguments
        It is neither, or there is no `report` to use it.
    """
    if text is None:
        return None
    if report is None:
        raise InvalidArguments("--report-since goes with --report FILE, which is missing")
    if _DURATION.fullmatch(text):
        return timedelta(seconds=seconds_of(text))
    try:
        return msgspec.convert(text, Moment)
    except msgspec.ValidationError:
        raise InvalidTime(
            f"--report-since {text}: neither a date and time with an offset, such as "
            "2025-06-30T00:00:00Z, nor a duration, such as 7d"
        ) from None
