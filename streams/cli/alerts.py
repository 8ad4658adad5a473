"""`aboveboard alerts`: prints alerts as the worker publishes them."""

import argparse
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from hashlib import blake2b
from typing import Final, NamedTuple, get_args

import msgspec

from detectors.alerts.alert import Alert, Severity, canonical_order
from streams.broker.access import (
    BrokerOfNoUse,
    add_broker_arguments,
    chosen_broker,
    chosen_security,
)
from streams.broker.reader import PATIENCE_SECONDS, read_topic
from streams.broker.security import OPEN, BrokerSecurity
from streams.printable import printable
from streams.wire.topics import Topic, topic_name

_SEVERITIES: Final[tuple[str, ...]] = get_args(Severity)


class PublishedAlert(NamedTuple):
    """An alert, its key, and its bytes as they stand in the topic."""

    key: bytes
    value: bytes
    alert: Alert


class UnreadableAlert(BrokerOfNoUse):
    """A record in a topic of alerts is not one: the message says where it is."""


def read_alerts(
    bootstrap: str,
    prefix: str = "",
    *,
    topic: Topic = Topic.ALERTS,
    until: Callable[[], bool] | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Iterator[tuple[bytes, Alert]]:
    """Give key and alert of every record from the beginning, repeats too.

    Records of one alert come in their order, those of different partitions in no order.

    Parameters
    ----------
    topic
        ``ALERTS`` or ``ALERTS_CURRENT``; of the latter, deletions are left out.
    until
        None: end where the topic ended when reading began. Otherwise follow the topic until this
        is true. It is asked at least every 0.1 s, in the reading thread, and may be set by another
        one: ``threading.Event().is_set``.
    patience
        Seconds without progress, before the end, after which the broker counts as silent.

    Raises
    ------
    BrokerOfNoUse
        The broker does not answer, falls silent before the end, or has no such topic.
    UnreadableAlert
        A record is no alert.
    """
    for published in _read(bootstrap, topic_name(prefix, topic), until, patience, OPEN):
        if isinstance(published, UnreadableAlert):
            raise published
        yield published.key, published.alert


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command to its parser."""
    add_broker_arguments(parser)
    parser.add_argument(
        "--follow", action="store_true", help="print new alerts as they come, until Ctrl-C"
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
    """Print alerts; return 0. Raises BrokerOfNoUse.

    Without ``--follow`` they come in the order of event time, then of id and revision; with it as
    they arrive, and Ctrl-C is the normal end.
    """
    bootstrap, prefix = chosen_broker(arguments)
    topic = topic_name(prefix, Topic.ALERTS_CURRENT if arguments.current else Topic.ALERTS)
    least = _SEVERITIES.index(arguments.severity)
    until = (lambda: False) if arguments.follow else None
    security = chosen_security()
    alerts = _once(_readable(_read(bootstrap, topic, until, PATIENCE_SECONDS, security)))
    if not arguments.follow:
        found = list(alerts)
        if arguments.current:
            found = list({published.key: published for published in found}.values())
        alerts = iter(sorted(found, key=lambda published: canonical_order(published.alert)))
    try:
        for published in alerts:
            if _SEVERITIES.index(published.alert.severity) >= least:
                _print(published, as_json=arguments.format == "json")
    except KeyboardInterrupt:
        if not arguments.follow:
            raise
    return 0


def line_of(alert: Alert) -> str:
    """Give the line for people: when, how severe, who, what, its status and the sentence."""
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


def _readable(records: Iterable[PublishedAlert | UnreadableAlert]) -> Iterator[PublishedAlert]:
    """Leave out records that are no alerts, with a word to stderr."""
    for record in records:
        if isinstance(record, UnreadableAlert):
            sys.stderr.write(f"aboveboard alerts: {printable(str(record))}\n")
        else:
            yield record


def _once(alerts: Iterable[PublishedAlert]) -> Iterator[PublishedAlert]:
    """Leave out repeats: a worker that was killed publishes its last alerts again."""
    seen = set()
    for published in alerts:
        digest = blake2b(published.value, digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            yield published


def _read(
    bootstrap: str,
    topic: str,
    until: Callable[[], bool] | None,
    patience: float,
    security: BrokerSecurity,
) -> Iterator[PublishedAlert | UnreadableAlert]:
    decode = msgspec.json.Decoder(Alert).decode
    records = read_topic(bootstrap, topic, until=until, patience=patience, security=security)
    with closing(records):
        for record in records:
            if record.value is None:
                continue
            try:
                alert = decode(record.value)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                place = f"{topic}[{record.partition}]@{record.offset}"
                yield UnreadableAlert(
                    f"the record {place} at {bootstrap} is no alert ({error}). It was written by "
                    "another program or a newer version of this one"
                )
            else:
                yield PublishedAlert(record.key or b"", record.value, alert)
