"""Tells the webhooks what is due, in the turn of a notifier, and keeps account of it in the log."""

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from detectors.alerts.alert import Severity
from streams.broker.follower import Follower
from streams.broker.notifier.delivery_log import DeliveryLog
from streams.errors import ReceiverFailed
from streams.metrics.notify_metrics import NotifyMetrics
from streams.notify.webhooks.postings import Change, Pace, Post, Postings
from streams.notify.webhooks.reading import AlertReading, Noted, common_place, noted
from streams.notify.webhooks.webhook import Webhook
from streams.wire.dead_letter import UNDELIVERED, DeadLetter
from streams.wire.posting import beginning_key, encode_offsets, order_key, place_key
from streams.wire.topics import Topic

_ROUND_SECONDS: Final = 3.0
"""For how long one webhook is told in a round: the others, and Alertmanager, are not to wait."""

_PLACE_AFTER: Final = timedelta(seconds=5)
"""How often a new place is written: what stands behind it is read once more after a restart."""

_READ_MILLISECONDS: Final = 50

_log: Final = logging.getLogger("aboveboard.notify")


class WebhookTurn:
    """What the webhooks are told in one turn.

    Parameters
    ----------
    webhooks
        Who is told.
    pace, least
        As `Postings` takes them.
    log
        The log of deliveries, read through.
    follow
        Gives a follower of the topic of alerts alone, from these offsets.
    prefix
        Of the topics.
    metrics
        Counts the answers.
    """

    def __init__(
        self,
        webhooks: Sequence[Webhook],
        pace: Pace,
        least: Severity,
        log: DeliveryLog,
        follow: Callable[[Mapping[int, int]], Follower],
        prefix: str,
        metrics: NotifyMetrics,
    ) -> None:
        self._webhooks: Final = webhooks
        self._log: Final = log
        self._prefix: Final = prefix
        self._metrics: Final = metrics
        self._pace: Final = pace
        self._reading: Final = AlertReading()
        self._begun = False
        self._place_at: datetime | None = None
        self._places: Final[dict[str, Mapping[int, int]]] = {}
        self._ordered_at: Final[dict[bytes, int]] = {}
        self._failures: Final[dict[str, str]] = {}
        found = noted(log.of_webhooks())
        self._follower: Final = follow(common_place(found, [one.name for one in webhooks]))
        self._postings: Final = {
            webhook.name: Postings(
                webhook.name,
                pace,
                least,
                found.get(webhook.name, Noted()).postings,
                found.get(webhook.name, Noted()).beginning,
                found.get(webhook.name, Noted()).place,
            )
            for webhook in webhooks
        }
        self._take_orders(found)

    @property
    def troubles(self) -> list[str]:
        """What is wrong: that it still reads, and who does not take what it is sent."""
        reads = [] if self._follower.caught_up else ["reads the alerts for the webhooks"]
        return [*reads, *self._failures.values()]

    @property
    def waiting_since(self) -> datetime | None:
        """Since when the oldest news waits for a webhook to take it; None if none does."""
        waiting = (one.waiting_since for one in self._postings.values())
        return min((at for at in waiting if at is not None), default=None)

    def read(self) -> None:
        """Read what has come; raises BrokerError if the broker refuses."""
        for _, record in self._follower.records(_READ_MILLISECONDS):
            found = self._reading.read(record)
            if found is not None:
                for postings in self._postings.values():
                    postings.take(*found)
        self._take_orders(noted(self._log.of_webhooks()))

    def tell(self, now: datetime) -> None:
        """Tell every webhook what is due, once all alerts have been read.

        Raises
        ------
        BrokerError
            The broker did not store what must stand in the log.
        """
        if not self._follower.caught_up:
            return
        if not self._begun:
            self._log.writer.store(
                (beginning_key(name), encode_offsets(begun))
                for name, begun in ((n, one.all_read()) for n, one in self._postings.items())
            )
            self._begun = True
        for webhook in self._webhooks:
            postings = self._postings[webhook.name]
            changes = postings.plan(now)
            if changes:
                self._store(changes)
                postings.written(changes)
            self._tell(webhook, postings, postings.due(now), now)
        self._keep_places(now)

    def _keep_places(self, now: datetime) -> None:
        if self._place_at is not None and now - self._place_at < _PLACE_AFTER:
            return
        self._place_at = now
        for name, postings in self._postings.items():
            place = postings.place()
            if place is not None and place != self._places.get(name):
                self._log.writer.store([(place_key(name), encode_offsets(place))])
                self._places[name] = place
                postings.placed(place)

    def _tell(
        self, webhook: Webhook, postings: Postings, due: Sequence[Post], now: datetime
    ) -> None:
        until = time.monotonic() + _ROUND_SECONDS
        refused = ""
        for post in due:
            if not self._log.holds() or time.monotonic() > until:
                return
            try:
                reply = webhook.post(post.revision, now)
            except ReceiverFailed as error:
                self._metrics.posted("failed")
                for late in postings.unreachable(now):
                    self._give_up(webhook, postings, late, str(error), now)
                self._note(webhook.name, str(error))
                return
            postings.answered()
            if reply.ok:
                self._metrics.posted("taken")
                self._store([postings.settled(post, now)])
                continue
            self._metrics.posted("refused")
            refused = f"{webhook} answers {reply.reason}"
            if postings.refused(post, now):
                self._give_up(webhook, postings, post, refused, now)
        if due:
            self._note(webhook.name, refused)

    def _give_up(
        self, webhook: Webhook, postings: Postings, post: Post, why: str, now: datetime
    ) -> None:
        """Put one among the dead letters, from where it may be ordered again, and go on."""
        revision = post.revision
        hours = self._pace.gives_up.total_seconds() / 3_600
        letter = DeadLetter(
            reason=UNDELIVERED,
            detail=f"{webhook} did not take revision {revision.number} of alert "
            f"{revision.alert_id} for {hours:g} h: {why}",
            source=Topic.ALERT_DELIVERIES.value,
            partition=0,
            offset=self._ordered_at.pop(post.line, None),
            record=revision.body,
        )
        key = order_key(webhook.name, revision.alert_id, revision.number)
        self._log.writer.set_aside(self._prefix, letter, key)
        self._store([postings.settled(post, now)])
        _log.error("%s; it is among the dead letters now", letter.detail)

    def _store(self, changes: Iterable[Change]) -> None:
        self._log.writer.store(
            (key, None if posting is None else msgspec.json.encode(posting))
            for key, posting in changes
        )

    def _take_orders(self, found: dict[str, Noted]) -> None:
        for name, one in found.items():
            if name in self._postings:
                for order in one.orders:
                    self._ordered_at[order.key] = order.offset
                    self._postings[name].order(order.key, order.revision)

    def _note(self, name: str, trouble: str) -> None:
        before = self._failures.pop(name, "")
        if trouble:
            self._failures[name] = trouble
        if trouble and not before:
            _log.warning("%s; it is tried again", trouble)
        elif before and not trouble:
            _log.info("webhook %s takes what it is sent again", name)
