"""`aboveboard alerts follow`: alerts as they come."""

import argparse
import sys

from streams.broker.alerts import DeletedAlert, PublishedAlert
from streams.cli.alerts.alert_topics import AlertTopics
from streams.cli.alerts.filters import AlertFilter, add_filters
from streams.cli.alerts.lines import json_line, line_of
from streams.cli.alerts.strangers import Strangers
from streams.printable import printable
from streams.wire.topics import Topic


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the action to its parser."""
    add_filters(
        parser,
        "0s",
        "also those that the broker stored at this time (2025-06-30T00:00:00Z) or later, or in the "
        "last while, such as 2h (default: only those that come)",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="one line per alert for people, or one JSON object a line (default: %(default)s)",
    )


def run(arguments: argparse.Namespace, topics: AlertTopics) -> int:
    """Print revisions as they come; return 0 at Ctrl-C, which is the normal end.

    That an alert was deleted goes to stderr: what was printed can only be taken back in words.
    """
    strangers = Strangers()
    news = _News(AlertFilter.of(arguments), as_json=arguments.format == "json")
    records = topics.alerts(Topic.ALERTS_CURRENT, until=lambda: False)
    try:
        for record in strangers.left_out(records):
            if isinstance(record, DeletedAlert):
                news.deleted(record)
            else:
                news.told(record)
    except KeyboardInterrupt:
        pass
    finally:
        strangers.tell()
    return 0


class _News:
    """What a follower has not said yet."""

    def __init__(self, wanted: AlertFilter, *, as_json: bool) -> None:
        self._wanted = wanted
        self._as_json = as_json
        self._newest: dict[bytes, tuple[int, bool]] = {}  # revision, and whether it is wanted

    def told(self, published: PublishedAlert) -> None:
        """Print a revision, unless it or a newer one was there before."""
        alert = published.alert
        revision, _ = self._newest.get(published.key, (0, False))
        # A worker that was killed or frozen publishes its last alerts again.
        if alert.revision <= revision:
            return
        wanted = self._wanted.admits(alert)
        self._newest[published.key] = (alert.revision, wanted)
        if wanted and published.stored_at >= self._wanted.since:
            line = json_line(published.value) if self._as_json else line_of(alert).encode()
            sys.stdout.buffer.write(line + b"\n")
            sys.stdout.buffer.flush()

    def deleted(self, tombstone: DeletedAlert) -> None:
        """Say that an alert was taken away, unless it is known to be none that is wanted."""
        _, wanted = self._newest.pop(tombstone.key, (0, True))
        if wanted and tombstone.stored_at >= self._wanted.since:
            name = printable(tombstone.key.decode(errors="replace"))
            sys.stderr.write(f"aboveboard alerts: {name} was deleted\n")
            sys.stderr.flush()
