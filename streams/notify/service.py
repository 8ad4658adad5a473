"""The notifier as a service: reads what stands in Kafka, and tells receivers in its turn."""

import logging
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from threading import Event
from typing import Final

from streams.broker.access import require_topics
from streams.broker.follower import Follower
from streams.broker.notifier.delivery_log import DeliveryLog, delivery_log
from streams.broker.security import BrokerSecurity
from streams.config.host import HostSettings
from streams.config.notify import NotifySettings
from streams.errors import BrokerError, BrokerUnreachable
from streams.metrics.notify_metrics import NotifyMetrics
from streams.notify.alertmanager import Alertmanager
from streams.notify.deliveries import Deliveries, Identity, Timing
from streams.notify.picture import Picture
from streams.notify.reading import Reading
from streams.notify.standing import Standing
from streams.notify.telling import Telling
from streams.notify.webhooks.postings import Pace
from streams.notify.webhooks.telling import WebhookTurn
from streams.notify.webhooks.webhook import Webhook
from streams.serving.page import pages_of
from streams.serving.server import HttpServer
from streams.wire.delivery import delivery_key
from streams.wire.rights import notifiers_of
from streams.wire.topics import Topic, topic_name

_READ: Final = (Topic.ALERTS_CURRENT, Topic.CASES_CURRENT)

_READ_MILLISECONDS: Final = 50

_LOOK_AGAIN_SECONDS: Final = 5.0
"""How often everything is compared where no record has come: only time can have changed it."""

_log: Final = logging.getLogger("aboveboard.notify")


class Notifier:
    """One process, of which several may run: one has the turn, the others stand by.

    Parameters
    ----------
    host, security
        The broker, and TLS and user for it; where the pages are.
    settings
        When things are said.
    receivers, webhooks
        Who is told: of what is open, and of every revision.
    identity
        Gives an alert its labels.
    """

    def __init__(
        self,
        host: HostSettings,
        security: BrokerSecurity,
        settings: NotifySettings,
        receivers: list[Alertmanager],
        webhooks: list[Webhook],
        identity: Identity,
    ) -> None:
        self._host: Final = host
        self._security: Final = security
        self._settings: Final = settings
        self._receivers: Final = receivers
        self._webhooks: Final = webhooks
        self._identity: Final = identity
        self._metrics: Final = NotifyMetrics()
        self._standing: Final = Standing(host.stall_after)
        self._unsent_since: datetime | None = None
        self._metrics.ask_oldest(self._oldest_unsent)
        self.stop: Final = Event()

    def run(self) -> int:
        """Work until `stop` is set; return 0, or 1 if it could not go on.

        Raises
        ------
        BrokerError
            The broker does not answer at the start, or lacks a topic.
        OSError
            The pages cannot be served at their address.
        """
        host = self._host
        topics = [topic_name(host.topic_prefix, one) for one in (Topic.ALERT_DELIVERIES, *_READ)]
        require_topics(host.broker, *topics, security=self._security)
        pages = pages_of(
            self._metrics.exposition, self._standing.liveness, self._standing.readiness
        )
        with (
            HttpServer(pages, host.metrics_host, host.metrics_port) as server,
            delivery_log(
                host.broker,
                topics[0],
                notifiers_of(host.topic_prefix, host.group),
                host.session_timeout,
                self._security,
            ) as log,
        ):
            names = ", ".join([*(r.name for r in self._receivers), *map(str, self._webhooks)])
            _log.info("telling %s; metrics at %s/metrics", names, server.address)
            try:
                while not self.stop.is_set():
                    log.poll()
                    self._standing.round()
                    if log.turn is not None:
                        self._take_turn(log)
            except BrokerError as error:
                _log.error("stopped, and the next notifier goes on from here: %s", error)
                return 1
        return 0

    def _take_turn(self, log: DeliveryLog) -> None:
        """Be the active one until the turn is lost, or it is time to stop."""
        turn = log.turn
        prefix = self._host.topic_prefix
        picture = Picture(self._settings.notify_severity)
        reading = Reading(picture)
        deliveries = Deliveries(
            _timing(self._settings),
            [receiver.name for receiver in self._receivers],
            self._identity,
            log.deliveries(),
        )
        telling = Telling(self._receivers, self._metrics, log.holds)
        look_at = proved_at = time.monotonic()
        with ExitStack() as running:
            running.callback(self._no_turn)
            follower = running.enter_context(
                Follower(self._host.broker, prefix, self._security, _READ)
            )
            hooks = self._webhook_turn(log, running) if self._webhooks else None
            while not self.stop.is_set() and log.turn == turn:
                log.poll()
                records = follower.records(_READ_MILLISECONDS)
                for one in records:
                    reading.take(*one)
                if hooks is not None:
                    hooks.read()
                if not follower.caught_up:
                    self._standing.round("reads the alerts")
                    continue
                troubles = [*telling.failures.values(), *(hooks.troubles if hooks else ())]
                self._standing.round(*troubles)
                if log.prove():
                    proved_at = time.monotonic()
                else:
                    self._give_up_after(time.monotonic() - proved_at)
                    continue
                now = datetime.now(UTC)
                if self._receivers and (records or time.monotonic() >= look_at):
                    look_at = time.monotonic() + _LOOK_AGAIN_SECONDS
                    self._write_ahead(log, deliveries, picture, now)
                telling.tell(deliveries, picture.quiet(now), now)
                if hooks is not None:
                    hooks.tell(now)
                waiting = (deliveries.unsent_since, hooks.waiting_since if hooks else None)
                self._unsent_since = min((at for at in waiting if at is not None), default=None)
                self._metrics.standing(deliveries.firing, active=True)

    def _webhook_turn(self, log: DeliveryLog, running: ExitStack) -> WebhookTurn:
        host, settings = self._host, self._settings

        def follow(start: Mapping[int, int]) -> Follower:
            place = (host.broker, host.topic_prefix, self._security)
            return running.enter_context(Follower(*place, [Topic.ALERTS], start=start))

        return WebhookTurn(
            self._webhooks,
            Pace(gives_up=timedelta(seconds=settings.notify_webhook_gives_up)),
            settings.notify_webhook_severity,
            log,
            follow,
            host.topic_prefix,
            self._metrics,
        )

    def _write_ahead(
        self, log: DeliveryLog, deliveries: Deliveries, picture: Picture, now: datetime
    ) -> None:
        changes = deliveries.plan(picture, now)
        if changes:
            log.write((delivery_key(*key), delivery) for key, delivery in changes)
            deliveries.written(changes, now)

    def _no_turn(self) -> None:
        self._unsent_since = None
        self._metrics.standing(0, active=False)

    def _give_up_after(self, seconds: float) -> None:
        if seconds > self._host.broker_patience:
            raise BrokerUnreachable(
                f"the Kafka broker at {self._host.broker} has not answered for {seconds:.0f} s. "
                "See whether it still runs, then start again"
            )

    def _oldest_unsent(self) -> float:
        since = self._unsent_since
        return 0.0 if since is None else max(0.0, (datetime.now(UTC) - since).total_seconds())


def _timing(settings: NotifySettings) -> Timing:
    return Timing(
        resend=timedelta(seconds=settings.notify_resend),
        lasts=timedelta(seconds=settings.notify_lasts),
        ends_for=timedelta(seconds=settings.notify_ends_for),
    )
