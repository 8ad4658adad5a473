"""What is to be told to whom at a moment: a state machine without a clock and without a network.

The order in which its host must act keeps its promises over a crash at any point:

1. `plan` says what must stand in the log of deliveries. The host writes it there, then calls
   `written`. So whatever anybody may have been told is known after a restart.
2. `due` says what to send to a receiver. The host sends it, and says with `answered` what was
   taken, and with `failed` that the receiver could not be reached.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from msgspec import Struct, field
from msgspec.structs import replace

from detectors.alerts.alert import Alert, Severity
from detectors.cases.case import SEVERITIES
from streams.notify.picture import Picture
from streams.wire.delivery import Delivery

REMEMBERED: Final = timedelta(hours=120)
"""How long an end is remembered: as long as Alertmanager by default knows what it has told."""

_FIRST_RETRY: Final = timedelta(seconds=1)

Identity = Callable[[Alert, Severity], dict[str, str]]
"""Returns the labels under which an alert is told at a severity."""


class Timing(Struct, frozen=True, kw_only=True):
    """When things are said again.

    ``resend``
        How long after the last time everything that is firing is sent again.
    ``lasts``
        For how long a receiver may take an alert for firing that it hears no more of.
    ``ends_for``
        For how long an end is sent again after a receiver first took it.
    """

    resend: timedelta = timedelta(seconds=30)
    lasts: timedelta = timedelta(seconds=120)
    ends_for: timedelta = timedelta(minutes=15)


class Key(NamedTuple):
    """An alert at a severity: to its receivers an alert of its own."""

    alert_id: str
    severity: Severity


class Change(NamedTuple):
    """What is to stand in the log under a key; None for nothing any more."""

    key: Key
    delivery: Delivery | None


class Message(NamedTuple):
    """One alert for a receiver; it has ended if ``ends_at`` is not in the future.

    ``alert`` is the revision to show, None when there is none any more.
    """

    key: Key
    labels: Mapping[str, str]
    starts_at: datetime
    ends_at: datetime
    alert: Alert | None


class _Receiver(Struct):
    """How far one receiver was told.

    ``unsent`` has since when something new waits; ``ended`` when each end was first taken.
    """

    unsent: dict[Key, datetime] = field(default_factory=dict)
    ended: dict[Key, datetime] = field(default_factory=dict)
    resend_at: datetime | None = None
    retry_at: datetime | None = None
    retry_after: timedelta = _FIRST_RETRY


class Deliveries:
    """Everything that was told and is not forgotten yet, and to whom it is still to be told.

    Parameters
    ----------
    timing
        When things are said again.
    receivers
        Their names; each is told everything.
    identity
        Gives labels to what is told for the first time.
    log
        What the log of deliveries says.
    """

    def __init__(
        self,
        timing: Timing,
        receivers: Sequence[str],
        identity: Identity,
        log: Iterable[Delivery] = (),
    ) -> None:
        self._timing: Final = timing
        self._identity: Final = identity
        self._told: Final = {Key(one.alert_id, one.severity): one for one in log}
        self._shown: Final[dict[str, Alert]] = {}
        self._receivers: Final = {name: _Receiver() for name in receivers}

    @property
    def firing(self) -> int:
        """How many alerts are firing, each severity counted."""
        return sum(1 for delivery in self._told.values() if delivery.ended_at is None)

    @property
    def unsent_since(self) -> datetime | None:
        """Since when the oldest news waits for a receiver to take it; None if none does."""
        waiting = (at for each in self._receivers.values() for at in each.unsent.values())
        return min(waiting, default=None)

    def plan(self, picture: Picture, now: datetime) -> list[Change]:
        """Return what must stand in the log before anything more is sent."""
        to_tell = picture.to_tell()
        self._shown.update(to_tell)
        return [*self._openings(to_tell, now), *self._endings(picture, to_tell, now)]

    def written(self, changes: Iterable[Change], now: datetime) -> None:
        """Take in that these stand in the log now: from here on they are to be sent."""
        for key, delivery in changes:
            if delivery is None:
                del self._told[key]
                if not any(told.alert_id == key.alert_id for told in self._told):
                    self._shown.pop(key.alert_id, None)
            else:
                self._told[key] = delivery
            for receiver in self._receivers.values():
                receiver.ended.pop(key, None)
                if delivery is None:
                    receiver.unsent.pop(key, None)
                else:
                    receiver.unsent.setdefault(key, now)

    def due(self, name: str, now: datetime) -> list[Message]:
        """Return what to send to a receiver now, what is new first; often nothing."""
        receiver = self._receivers[name]
        if receiver.retry_at is not None and now < receiver.retry_at:
            return []
        keys: Iterable[Key] = list(receiver.unsent)
        if receiver.resend_at is None or now >= receiver.resend_at:
            keys = dict.fromkeys([*keys, *self._again(receiver, now)])
        return [self._message(key, now) for key in keys]

    def answered(self, name: str, taken: Iterable[Key], now: datetime) -> None:
        """Note what a receiver took, or will never take: both are settled until the next time."""
        receiver = self._receivers[name]
        for key in taken:
            receiver.unsent.pop(key, None)
            if self._told[key].ended_at is not None:
                receiver.ended.setdefault(key, now)

    def finished(self, name: str, now: datetime) -> None:
        """Note that a receiver answered to all that was due."""
        receiver = self._receivers[name]
        receiver.retry_at, receiver.retry_after = None, _FIRST_RETRY
        if receiver.resend_at is None or now >= receiver.resend_at:
            receiver.resend_at = now + self._timing.resend

    def failed(self, name: str, now: datetime) -> None:
        """Note that a receiver did not answer: it is tried again, a little later every time."""
        receiver = self._receivers[name]
        receiver.retry_at = now + receiver.retry_after
        receiver.retry_after = min(2 * receiver.retry_after, self._timing.resend)

    def _openings(self, to_tell: Mapping[str, Alert], now: datetime) -> Iterator[Change]:
        for alert in to_tell.values():
            told = self._told_of(alert.alert_id)
            if any(one.revision > alert.revision for one in told.values()):
                continue  # older than what was told: a worker that was killed repeats itself
            firing = {key: one for key, one in told.items() if one.ended_at is None}
            for key, one in firing.items():
                if one.revision < alert.revision:
                    yield Change(key, replace(one, revision=alert.revision))
            # A lower severity keeps firing beside a higher one, which hides it: its end would look
            # like good news. For the same reason a higher one stays when an alert turns milder.
            level = SEVERITIES.index(alert.severity)
            if not any(SEVERITIES.index(key.severity) >= level for key in firing):
                yield Change(Key(alert.alert_id, alert.severity), self._begun(alert, now))

    def _begun(self, alert: Alert, now: datetime) -> Delivery:
        return Delivery(
            alert_id=alert.alert_id,
            severity=alert.severity,
            labels=self._identity(alert, alert.severity),
            # Not the event's time: Alertmanager takes an old start for one that has waited enough,
            # and would not gather what comes together.
            starts_at=now,
            revision=alert.revision,
        )

    def _endings(
        self, picture: Picture, to_tell: Mapping[str, Alert], now: datetime
    ) -> Iterator[Change]:
        for key, one in self._told.items():
            if one.ended_at is not None:
                if now >= one.ended_at + REMEMBERED:
                    yield Change(key, None)
                continue
            revision = picture.revision(key.alert_id)
            if key.alert_id in to_tell or (revision is not None and revision < one.revision):
                continue
            yield Change(
                key,
                replace(
                    one,
                    ended_at=max(now, one.starts_at),
                    revision=one.revision if revision is None else revision,
                ),
            )

    def _told_of(self, alert_id: str) -> dict[Key, Delivery]:
        keys = (Key(alert_id, severity) for severity in SEVERITIES)
        return {key: self._told[key] for key in keys if key in self._told}

    def _again(self, receiver: _Receiver, now: datetime) -> Iterator[Key]:
        for key, one in self._told.items():
            if one.ended_at is None or now < receiver.ended.get(key, now) + self._timing.ends_for:
                yield key

    def _message(self, key: Key, now: datetime) -> Message:
        one = self._told[key]
        ends_at = one.ended_at
        if ends_at is None:
            ends_at = max(now, one.starts_at) + self._timing.lasts
        return Message(key, one.labels, one.starts_at, ends_at, self._shown.get(key.alert_id))
