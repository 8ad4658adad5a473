"""`aboveboard alerts list`: the alerts that there are."""

import argparse
import sys
from collections.abc import Iterator

from detectors.alerts.alert import canonical_order
from streams.broker.alerts import (
    PublishedAlert,
    current_alerts,
    deleted_keys,
    remaining_revisions,
    without_repeats,
)
from streams.cli.alerts.alert_topics import AlertTopics
from streams.cli.alerts.filters import AlertFilter, add_filters
from streams.cli.alerts.lines import json_line, line_of
from streams.cli.alerts.spreadsheet import csv_rows
from streams.cli.alerts.strangers import Strangers, without_strangers
from streams.wire.topics import Topic


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action to its parser."""
    add_filters(
        parser,
        "1970-01-01T00:00:00Z",
        "only alerts that the broker stored at this time (2025-06-30T00:00:00Z) or later, or in "
        "the last while, such as 2h (default: all)",
    )
    parser.add_argument(
        "--all-revisions",
        action="store_true",
        default=False,
        help="every revision, in the order of event time, instead of the newest of each alert",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json", "csv"),
        default="table",
        help="one line per alert for people, one JSON object a line, or CSV for a spreadsheet, in "
        "UTF-8 and without formulas (default: %(default)s)",
    )


def run(arguments: argparse.Namespace, topics: AlertTopics) -> int:
    """Print alerts in the order of event time, then of id and revision; return 0."""
    strangers = Strangers()
    wanted = AlertFilter.of(arguments)
    found = _revisions(topics, strangers) if arguments.all_revisions else _newest(topics, strangers)
    chosen = sorted(
        # Asked after repeats were left out: one of an older record is no news.
        (one for one in found if one.stored_at >= wanted.since and wanted.admits(one.alert)),
        key=lambda published: canonical_order(published.alert),
    )
    sys.stdout.buffer.writelines(_lines(chosen, arguments.format))
    sys.stdout.buffer.flush()
    if not chosen:
        sys.stderr.write("aboveboard alerts: no alert of this kind\n")
    strangers.tell()
    return 0


def _newest(topics: AlertTopics, strangers: Strangers) -> list[PublishedAlert]:
    return current_alerts(strangers.left_out(topics.alerts(Topic.ALERTS_CURRENT)))


def _revisions(topics: AlertTopics, strangers: Strangers) -> Iterator[PublishedAlert]:
    """Yield each revision once; of an alert that was taken away in either topic, none."""
    kept = remaining_revisions(strangers.left_out(topics.alerts(Topic.ALERTS)))
    deleted = deleted_keys(without_strangers(topics.alerts(Topic.ALERTS_CURRENT)))
    for key, revisions in kept.items():
        if key not in deleted:
            yield from without_repeats(revisions)


def _lines(alerts: list[PublishedAlert], form: str) -> Iterator[bytes]:
    if form == "csv":
        yield from csv_rows(published.alert for published in alerts)
    elif form == "json":
        yield from (json_line(published.value) + b"\n" for published in alerts)
    else:
        yield from (f"{line_of(published.alert)}\n".encode() for published in alerts)
