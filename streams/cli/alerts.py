"""`aboveboard alerts`: prints alerts as the worker publishes them."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Final, get_args

from detectors.alerts.alert import Alert, Severity, canonical_order
from streams.broker.alerts import (
    DeletedAlert,
    PublishedAlert,
    published_alerts,
    without_repeats,
)
from streams.broker.batches.needed import require_codecs
from streams.broker.rights_check import require_rights
from streams.cli.arguments import (
    add_broker_arguments,
    chosen_broker,
    chosen_security,
    since_time,
)
from streams.errors import InvalidAlertRecord
from streams.printable import printable
from streams.wire.rights import Role
from streams.wire.topics import Topic, topic_name

MOST_TOLD: Final = 10
"""Records that are no alerts of which each is told: there may be as many as there are alerts."""

_SEVERITIES: Final[tuple[str, ...]] = get_args(Severity)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_broker_arguments(parser)
    parser.add_argument(
        "--follow",
        action="store_true",
        help="go on printing alerts as they come, until Ctrl-C, after those that are there; with "
        "--since 0s only those that come",
    )
    parser.add_argument(
        "--since",
        type=since_time,
        default=0,
        metavar="TIME",
        help="only alerts that the broker stored at this time (2025-06-30T00:00:00Z) or later, or "
        "in the last while, such as 2h (default: all)",
    )
    parser.add_argument(
        "--current",
        action="store_true",
        help="print the latest revision of every alert instead of all revisions",
    )
    parser.add_argument(
        "--severity",
        choices=_SEVERITIES,
        default=_SEVERITIES[0],
        help="the lowest severity to print (default: %(default)s)",
    )
    parser.add_argument(
        "--format",
        choices=("table", "json"),
        default="table",
        help="one line per alert for people, or the JSON as stored (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print alerts; return 0. Raises BrokerError, MissingCodec.

    Without ``--follow`` they come in the order of event time, then of id and revision; with it as
    they arrive, and Ctrl-C is the normal end.
    """
    require_codecs()  # before the broker is asked for anything
    bootstrap, prefix = chosen_broker(arguments)
    topic = topic_name(prefix, Topic.ALERTS_CURRENT if arguments.current else Topic.ALERTS)
    least = _SEVERITIES.index(arguments.severity)
    until = (lambda: False) if arguments.follow else None
    security = chosen_security()
    require_rights(bootstrap, Role.ALERTS, prefix, security)
    strangers = _Strangers()
    records = strangers.left_out(published_alerts(bootstrap, topic, until=until, security=security))
    alerts = without_repeats(_published(records))
    if not arguments.follow:
        found = current_alerts(records) if arguments.current else list(alerts)
        alerts = iter(sorted(found, key=lambda published: canonical_order(published.alert)))
    try:
        for published in alerts:
            # Asked here, after repeats were left out: one of an older record is no news.
            if (
                published.stored_at >= arguments.since
                and _SEVERITIES.index(published.alert.severity) >= least
            ):
                _print(published, as_json=arguments.format == "json")
    except KeyboardInterrupt:
        if not arguments.follow:
            raise
    finally:
        strangers.tell()
    return 0


def current_alerts(records: Iterable[PublishedAlert | DeletedAlert]) -> list[PublishedAlert]:
    """Return the highest revision of each alert that was not deleted after it.

    A tombstone counts at once, as it will once the broker has cleaned up: an alert that somebody
    took away must not be shown any more.
    """
    current: dict[bytes, PublishedAlert] = {}
    for record in records:
        known = current.get(record.key)
        if isinstance(record, DeletedAlert):
            current.pop(record.key, None)
        elif known is None or record.alert.revision >= known.alert.revision:
            current[record.key] = record
    return list(current.values())


def line_of(alert: Alert) -> str:
    """Return the line for people: when, how severe, who, what, its status and the sentence.

    Last comes what the events lack on which it rests.
    """
    lacking = "".join(f"  [{sentence}]" for sentence in alert.data_quality or ())
    subject = f"{alert.subject.type} {alert.subject.id}"
    return printable(
        f"{alert.opened_at:%Y-%m-%d %H:%M}  {alert.severity:<8}  {subject:<20}  "
        f"{alert.pattern:<18}  {alert.status:<9}  {alert.summary}{lacking}"
    )


def _print(published: PublishedAlert, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(published.value + b"\n")
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(line_of(published.alert) + "\n")
        sys.stdout.flush()


def _published(records: Iterable[PublishedAlert | DeletedAlert]) -> Iterator[PublishedAlert]:
    """Yield the alerts; what was printed and is deleted now can only be said."""
    for record in records:
        if isinstance(record, PublishedAlert):
            yield record
        else:
            name = printable(record.key.decode(errors="replace"))
            sys.stderr.write(f"aboveboard alerts: {name} was deleted\n")


class _Strangers:
    """Records of other programs: the first ones are told as they come, the others as a number."""

    def __init__(self) -> None:
        self._number = 0

    def left_out(
        self, records: Iterable[PublishedAlert | DeletedAlert | InvalidAlertRecord]
    ) -> Iterator[PublishedAlert | DeletedAlert]:
        """Yield what is none of theirs."""
        for record in records:
            if not isinstance(record, InvalidAlertRecord):
                yield record
                continue
            self._number += 1
            if self._number <= MOST_TOLD:
                sys.stderr.write(f"aboveboard alerts: {printable(str(record))}\n")

    def tell(self) -> None:
        """Say how many there were."""
        if self._number:
            records = "1 record" if self._number == 1 else f"{self._number:,} records"
            sys.stderr.write(f"aboveboard alerts: left out {records} that are no alerts\n")
