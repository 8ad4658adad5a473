"""The end of the demo's year: people decide, those on call are told, the report is written."""

from msgspec import Struct

from detectors.alerts.alert import Alert
from detectors.cases.case import Case
from streams.broker.keeper.reading import read_cases
from streams.broker.security import OPEN
from streams.demo.alert_feed import AlertFeed
from streams.demo.installation import Installation
from streams.demo.officer_report import contents
from streams.demo.people import decide, strongest
from streams.demo.telling import newest_revisions, wait_until_told
from streams.reports.report_file import ReportFile


class Ending(Struct, frozen=True):
    """What became of the alerts.

    ``alert`` is the strongest one and ``case`` its case as people closed it, None where no critical
    alert was open. ``firing`` alerts are told to whoever is on call.
    """

    alert: Alert | None
    case: Case | None
    firing: int


def end(installation: Installation, feed: AlertFeed, report: ReportFile) -> Ending:
    """Let people decide about the strongest alert, and return once all others know.

    Raises
    ------
    AboveboardError
        A service has ended, or did not do its part in time.
    OSError
        The report cannot be written; names its path.
    """
    newest = newest_revisions(feed.alerts)
    question = strongest(newest)
    case = None
    if question is not None:
        case = decide(question, installation.bootstrap, installation.cases)
    cases = read_cases(installation.bootstrap, "", OPEN)
    firing = wait_until_told(installation.told, newest, cases, installation.notifier)
    report.write(contents(feed.alerts, feed.strangers, cases))
    return Ending(None if question is None else question.alerts[0], case, firing)
