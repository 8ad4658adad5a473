"""Records of the log and of the topic of alerts, as the webhooks take them."""

import logging
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct, field

from detectors.alerts.alert import Alert
from streams.broker.follower import Followed
from streams.broker.notifier.delivery_log import Kept
from streams.notify.reading import MOST_TOLD
from streams.notify.webhooks.marks import Place
from streams.notify.webhooks.revision import Revision
from streams.printable import printable
from streams.wire.posting import Posting, decode_offsets, decode_posting, order_key, read_key

_alert: Final = msgspec.json.Decoder(Alert).decode
_log: Final = logging.getLogger("aboveboard.notify")


class Order(NamedTuple):
    """A revision that is to be sent once more, and the key under which that stands in the log."""

    key: bytes
    revision: Revision
    offset: int


class Noted(Struct):
    """What the log says of one webhook."""

    postings: dict[str, Posting] = field(default_factory=dict)
    beginning: Mapping[int, int] | None = None
    place: Mapping[int, int] | None = None
    orders: list[Order] = field(default_factory=list)


def noted(records: Mapping[bytes, Kept]) -> dict[str, Noted]:
    """Return what records say, by webhook; what is none of ours is left out, and told."""
    found: dict[str, Noted] = {}
    for key, (value, offset) in records.items():
        try:
            name, kind, rest = read_key(key)
            one = found.setdefault(name, Noted())
            if kind == "alert":
                one.postings[rest] = decode_posting(value)
            elif kind == "beginning":
                one.beginning = decode_offsets(value)
            elif kind == "place":
                one.place = decode_offsets(value)
            else:
                revision = revision_of(value)
                if order_key(name, revision.alert_id, revision.number) != key:
                    raise msgspec.ValidationError("its key is not that of its content")
                one.orders.append(Order(key, revision, offset))
        except (ValueError, RecursionError) as error:
            _say_strange(f"the record {key!r} of the log", error)
    return found


def common_place(found: Mapping[str, Noted], webhooks: Iterable[str]) -> dict[int, int]:
    """Return from where the topic of alerts is to be read for all of some webhooks."""
    places = [found.get(name, Noted()).place or {} for name in webhooks]
    numbers = {number for place in places for number in place}
    return {number: min(place.get(number, 0) for place in places) for number in numbers}


class AlertReading:
    """Reads records of the topic of alerts; what is no alert is left out, and told."""

    def __init__(self) -> None:
        self._strange = 0

    def read(self, record: Followed) -> tuple[Revision, Place] | None:
        """Return the revision in a record, and where it stands; None if there is none."""
        if record.value is None:
            return None
        try:
            revision = revision_of(record.value)
            if revision.alert_id.encode() != record.key:
                raise msgspec.ValidationError("its key is not its `alert_id`")
        except (ValueError, RecursionError) as error:
            self._strange += 1
            if self._strange <= MOST_TOLD:
                _say_strange(record.place, error)
            return None
        return revision, Place(record.partition, record.offset)


def revision_of(body: bytes) -> Revision:
    """Return an alert as it is to be sent; raises msgspec.DecodeError if it is none."""
    alert = _alert(body)
    is_open = alert.status == "open"
    return Revision(alert.alert_id, alert.revision, alert.severity, is_open, body)


def _say_strange(what: str, error: Exception) -> None:
    _log.warning("%s is left out: %s", what, printable(str(error)))
