"""`aboveboard alerts`: prints alerts as the worker publishes them."""

import argparse
import sys
from collections.abc import Iterable, Iterator
from typing import Final, get_args

from detectors.alerts.alert import Alert, Severity, canonical_order
from streams.broker.alerts import PublishedAlert, published_alerts, without_repeats
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
    """Print alerts; return 0. Raises BrokerError.

    Without ``--follow`` they come in the order of event time, then of id and revision; with it as
    they arrive, and Ctrl-C is the normal end.
    """
    bootstrap, prefix = chosen_broker(arguments)
    topic = topic_name(prefix, Topic.ALERTS_CURRENT if arguments.current else Topic.ALERTS)
    least = _SEVERITIES.index(arguments.severity)
    until = (lambda: False) if arguments.follow else None
    security = chosen_security()
    require_rights(bootstrap, Role.ALERTS, prefix, security)
    alerts = without_repeats(
        _valid(published_alerts(bootstrap, topic, until=until, security=security))
    )
    if not arguments.follow:
        found = list(alerts)
        if arguments.current:
            found = list({published.key: published for published in found}.values())
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
    return 0


def line_of(alert: Alert) -> str:
    """Return the line for people: when, how severe, who, what, its status and the sentence."""
    subject = f"{alert.subject.type} {alert.subject.id}"
    return printable(
        f"{alert.opened_at:%Y-%m-%d %H:%M}  {alert.severity:<8}  {subject:<20}  "
        f"{alert.pattern:<18}  {alert.status:<9}  {alert.summary}"
    )


def _print(published: PublishedAlert, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(published.value + b"\n")
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(line_of(published.alert) + "\n")
        sys.stdout.flush()


def _valid(records: Iterable[PublishedAlert | InvalidAlertRecord]) -> Iterator[PublishedAlert]:
    """Yield the alerts; say on stderr which records are none."""
    for record in records:
        if isinstance(record, InvalidAlertRecord):
            sys.stderr.write(f"aboveboard alerts: {printable(str(record))}\n")
        else:
            yield record
