"""Alerts as they stand in their topics."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from detectors.alerts.alert import Alert
from streams.broker.reader import PATIENCE_SECONDS, read_topic
from streams.broker.security import OPEN, BrokerSecurity
from streams.errors import InvalidAlertRecord
from streams.wire.topics import Topic, topic_name


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
) -> Iterator[tuple[bytes, Alert]]:
    """Yield key and alert of every record from the beginning, repeats too.

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
    BrokerError
        The broker does not answer, falls silent before the end, or has no such topic.
    InvalidAlertRecord
        A record is no alert.
    """
    for published in published_alerts(
        bootstrap, topic_name(prefix, topic), until=until, patience=patience
    ):
        if isinstance(published, InvalidAlertRecord):
            raise published
        yield published.key, published.alert


def published_alerts(
    bootstrap: str,
    topic: str,
    *,
    until: Callable[[], bool] | None = None,
    patience: float = PATIENCE_SECONDS,
    security: BrokerSecurity = OPEN,
) -> Iterator[PublishedAlert | InvalidAlertRecord]:
    """Yield the records of a topic of alerts, or why one is none; parameters as `read_topic`."""
    decode = msgspec.json.Decoder(Alert).decode
    records = read_topic(bootstrap, topic, until=until, patience=patience, security=security)
    with closing(records):
        for record in records:
            if record.value is None:
                continue
            try:
                alert = decode(record.value)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                location = f"{topic}[{record.partition}]@{record.offset}"
                yield InvalidAlertRecord(
                    f"the record {location} at {bootstrap} is no alert ({error}). It was written "
                    "by another program or a newer version of this one"
                )
            else:
                yield PublishedAlert(record.key or b"", record.value, alert, record.timestamp)


def without_repeats(alerts: Iterable[PublishedAlert]) -> Iterator[PublishedAlert]:
    """Leave out repeats: a worker that was killed publishes its last alerts again."""
    seen = set()
    for published in alerts:
        digest = blake2b(published.value, digest_size=16).digest()
        if digest not in seen:
            seen.add(digest)
            yield published
