"""`aboveboard alerts show`: everything about one alert."""

import argparse
import sys

from detectors.alerts.alert import Alert
from streams.broker.alerts import current_alerts, remaining_revisions
from streams.cli.alerts.alert_topics import AlertTopics
from streams.cli.alerts.case_alerts import CaseAlerts
from streams.cli.alerts.sheet import Sheet
from streams.cli.alerts.strangers import without_strangers
from streams.errors import AlertNotFound
from streams.printable import printable
from streams.wire.topics import Topic


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action to its parser."""
    parser.add_argument(
        "alert_id", metavar="ALERT_ID", help="the id, as `aboveboard alerts list` shows it"
    )


def run(arguments: argparse.Namespace, topics: AlertTopics) -> int:
    """Print what is known about an alert and its case; return 0.

    Raises
    ------
    AlertNotFound
        If there is no such alert, or it was deleted.
    """
    current = current_alerts(without_strangers(topics.alerts(Topic.ALERTS_CURRENT)))
    known = CaseAlerts.of(arguments.alert_id, (published.alert for published in current))
    if known.named is None:
        ids = ", ".join(alert.alert_id for alert in known.alerts)
        raise AlertNotFound(f"{arguments.alert_id} is a case. Show one of its alerts: {ids}")
    sheet = Sheet(known, _revisions(topics, known.named), topics.case(known.case_id))
    sys.stdout.buffer.writelines(f"{printable(line)}\n".encode() for line in sheet.lines())
    sys.stdout.buffer.flush()
    return 0


def _revisions(topics: AlertTopics, newest: Alert) -> list[Alert]:
    """Return all revisions that are still in the log, with the newest, in their order."""
    log = remaining_revisions(without_strangers(topics.alerts(Topic.ALERTS)))
    told = [published.alert for published in log.get(newest.alert_id.encode(), ())]
    by_number = {alert.revision: alert for alert in (*told, newest)}
    return [by_number[number] for number in sorted(by_number)]
