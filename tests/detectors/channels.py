"""What processes send to each other and emit, in order."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Generic, TypeVar
from zlib import crc32

import msgspec

from detectors.alerts.alert import Alert
from detectors.alerts.verification_request import VerificationRequest
from detectors.commission.action import CommissionAction

Message = TypeVar("Message")


class Channel(list[Message], Generic[Message]):
    """Messages in the order in which they were sent, and how many of them were delivered."""

    delivered = 0

    def pop_one(self, random: Random, *, repeats: bool) -> Message | None:
        """Return the next message, or one that was given before; None if there is none."""
        if repeats and self.delivered and random.random() < 0.2:
            return self[random.randrange(self.delivered)]
        if self.delivered == len(self):
            return None
        self.delivered += 1
        return self[self.delivered - 1]


class AlertLog(dict[tuple[str, int], bytes]):
    """Alerts by id and revision, with one content each."""

    def emit(self, alerts: Sequence[Alert]) -> None:
        for alert in alerts:
            content = msgspec.json.encode(alert)
            known = self.setdefault((alert.alert_id, alert.revision), content)
            assert known == content, "one revision was emitted with two contents"

    def ask(self, requests: Sequence[VerificationRequest]) -> None:
        """Take in requests beside the alerts."""
        for request in requests:
            content = msgspec.json.encode(request)
            known = self.setdefault((request.request_id, 0), content)
            assert known == content, "one request was sent with two contents"


class ActionLog(dict[tuple[str, int], bytes]):
    """What became of commissions, by id and revision, with one content each."""

    def emit(self, actions: Sequence[CommissionAction]) -> None:
        self.join({(one.commission_id, one.revision): msgspec.json.encode(one) for one in actions})

    def join(self, other: Mapping[tuple[str, int], bytes]) -> None:
        for key, content in other.items():
            assert self.setdefault(key, content) == content, "a revision has two contents"

    def current(self) -> dict[str, CommissionAction]:
        """Return the latest revision of each, by the id of its sale."""
        told = [msgspec.json.decode(self[key], type=CommissionAction) for key in sorted(self)]
        return {one.sale_id: one for one in told}


def place_of(key: str | None, partitions: int) -> int:
    return crc32((key or "").encode()) % partitions


def copied(message: Message) -> Message:
    """Send a message through bytes, as between processes."""
    copied: Message = msgspec.msgpack.decode(msgspec.msgpack.encode(message), type=type(message))
    return copied
