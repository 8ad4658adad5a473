"""Alerts as they stand in their topics."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from hashlib import blake2b
from typing import Final, NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from streams.broker.reader import PATIENCE_SECONDS, read_topic
from streams.broker.security import OPEN, BrokerSecurity
from streams.errors import InvalidAlertRecord
from streams.wire.topics import Topic, topic_name

_decode: Final = msgspec.json.Decoder(Alert).decode


class DeletedAlert(NamedTuple):
    """A tombstone: whoever keeps alerts by their key drops this one.

    ``stored_at`` is as that of `PublishedAlert`.
    """

    key: bytes
    stored_at: int


class PublishedAlert(NamedTuple):
    """An alert, its key, its bytes as they stand in the topic, and when the broker stored them.

    ``stored_at`` is in milliseconds since 1970, by the clock of the broker.
    """

    key: bytes
    value: bytes
    alert: Alert
    stored_at: int


def read_alerts(
    bootstrap: str,
    prefix: str = "",
    *,
    topic: Topic = Topic.ALERTS,
    until: Callable[[], bool] | None = None,
    patience: float = PATIENCE_SECONDS,
    no_alert: Callable[[InvalidAlertRecord], object] | None = None,
) -> Iterator[tuple[bytes, Alert]]:
    """Yield key and alert of every record from the beginning, repeats too.

    Records of one alert come in their order, those of different partitions in no order. What was
    deleted is left out only where a cleaner has been by.

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
    no_alert
        Told of every record that is no alert; without it, the first one is raised.

    Raises
    ------
    BrokerError
        The broker does not answer, falls silent before the end, or has no such topic.
    InvalidAlertRecord
        A record is no alert, and nobody is told of such.
    """
    for published in published_alerts(
        bootstrap, topic_name(prefix, topic), until=until, patience=patience
    ):
        if isinstance(published, PublishedAlert):
            yield published.key, published.alert
        elif isinstance(published, InvalidAlertRecord):
            if no_alert is None:
                raise published
            no_alert(published)


def published_alerts(
    bootstrap: str,
    topic: str,
    *,
    until: Callable[[], bool] | None = None,
    patience: float = PATIENCE_SECONDS,
    security: BrokerSecurity = OPEN,
) -> Iterator[PublishedAlert | DeletedAlert | InvalidAlertRecord]:
    """Yield the records of a topic of alerts, or why one is none; parameters as `read_topic`."""
    records = read_topic(bootstrap, topic, until=until, patience=patience, security=security)
    with closing(records):
        for record in records:
            key = record.key or b""
            if record.value is None:
                yield DeletedAlert(key, record.timestamp)
                continue
            try:
                alert = _alert_in(record.value, key)
            # Nesting without end is no error of msgspec's own.
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                location = f"{topic}[{record.partition}]@{record.offset}"
                yield InvalidAlertRecord(
                    f"the record {location} at {bootstrap} is no alert ({error}). It was written "
                    "by another program or a newer version of this one"
                )
            else:
                yield PublishedAlert(key, record.value, alert, record.timestamp)


def _alert_in(value: bytes, key: bytes) -> Alert:
    alert = _decode(value)
    if alert.alert_id.encode() != key:
        raise msgspec.ValidationError("its key is not its `alert_id`")
    if alert.opened_at.tzinfo is None or alert.updated_at.tzinfo is None:
        raise msgspec.ValidationError("a time in it has no offset")
    return alert


def without_repeats(alerts: Iterable[PublishedAlert]) -> Iterator[PublishedAlert]:
    """Leave out repeats: a worker that was killed publishes its last alerts again."""
    seen = set()
    for published in alerts:
        digest = blake2b(published.value, digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            yield published


def remaining_revisions(
    records: Iterable[PublishedAlert | DeletedAlert],
) -> dict[bytes, list[PublishedAlert]]:
    """Return the revisions of each alert that nobody took away, by key, in the order of the topic.

    A tombstone counts at once, as it will once the broker has cleaned up: an alert that somebody
    took away must not be shown any more.
    """
    remaining: dict[bytes, list[PublishedAlert]] = {}
    for record in records:
        if isinstance(record, DeletedAlert):
            remaining.pop(record.key, None)
        else:
            remaining.setdefault(record.key, []).append(record)
    return remaining


def current_alerts(records: Iterable[PublishedAlert | DeletedAlert]) -> list[PublishedAlert]:
    """Return the highest revision of each alert that was not deleted after it.

    A worker that was frozen may say an older one once more; of the same one, the last counts.
    """
    return [
        max(reversed(revisions), key=lambda published: published.alert.revision)
        for revisions in remaining_revisions(records).values()
    ]


def deleted_keys(records: Iterable[PublishedAlert | DeletedAlert]) -> frozenset[bytes]:
    """Return the keys of the alerts of which a tombstone is the last word."""
    deleted = set()
    for record in records:
        if isinstance(record, DeletedAlert):
            deleted.add(record.key)
        else:
            deleted.discard(record.key)
    return frozenset(deleted)
