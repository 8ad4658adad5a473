"""`aboveboard desk`: reads alerts and cases, shows them and takes decisions, until stopped."""

import logging
import sqlite3
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event
from typing import Final

from detectors.events.decision import Decision
from detectors.settings import Settings
from streams.access.doors import door_of, server_context
from streams.broker.follower import Follower
from streams.broker.keeper.decision_writer import DecisionWriter
from streams.broker.keeper.lookup_writer import LookupWriter
from streams.broker.security import BrokerSecurity
from streams.config.desk import DeskSettings, roles_for_customers
from streams.config.host import HostSettings
from streams.desk.desk import Desk
from streams.desk.event_reading import EventReading, told_by
from streams.desk.gate import Gate
from streams.desk.live import Live
from streams.desk.model.read_model import ReadModel
from streams.desk.server import DeskServer, application
from streams.desk.waiting import clocks_of
from streams.desk.witness import Witness
from streams.errors import BrokerError, BrokerUnreachable
from streams.metrics.desk_metrics import DeskMetrics
from streams.serving.page import Complaint, Condition, pages_of
from streams.serving.server import HttpServer
from streams.wire.decision_record import decision_record
from streams.wire.topics import Topic

_TOPICS: Final = (Topic.ALERTS_CURRENT, Topic.CASES_CURRENT, Topic.ALERTS, Topic.DECISIONS)

_WAIT_MILLISECONDS: Final = 200
_HANGS_SECONDS: Final = 60.0
"""Without a turn for so long the service does not live any more."""

_log: Final = logging.getLogger("aboveboard.desk")


class DeskService:
    """One desk over Kafka.

    Parameters
    ----------
    settings
        Where it listens, and by what it knows people.
    host, security
        The broker and how to reach it, where to serve metrics.
    detectors
        The settings of the detectors: what people may decide, and for how long.

    Raises
    ------
    InvalidSettings
        The settings could let somebody in whom nobody knows, or cannot be used.
    """

    def __init__(
        self,
        settings: DeskSettings,
        host: HostSettings,
        security: BrokerSecurity,
        detectors: Settings,
    ) -> None:
        self._settings: Final = settings
        self._host: Final = host
        self._security: Final = security
        self._door: Final = door_of(settings)
        self._context: Final = server_context(settings)
        self._decisions: Final = DecisionWriter(host.broker, host.topic_prefix, security)
        self._customers_for: Final = roles_for_customers(settings)
        self._detectors: Final = detectors
        self._live: Final = Live()
        self._metrics: Final = DeskMetrics()
        self._caught_up = False
        self._lag: int | None = None
        self._read = 0
        self._share_read = 0.0
        self._silent = 0.0
        self._began_at: Final = time.monotonic()
        self._turned_at = self._began_at

    def run(self, stop: Event) -> int:
        """Serve until asked to stop; return the exit code.

        Raises
        ------
        BrokerError
            If the broker does not answer at the start.
        OSError
            If an address cannot be listened on.
        """
        host, settings = self._host, self._settings
        place = (host.broker, host.topic_prefix, self._security)
        pages = pages_of(self._metrics.exposition, self._alive, self._is_ready)
        challenge = "Bearer" if settings.desk_mode == "oidc" else ""
        with (
            TemporaryDirectory(prefix="aboveboard-desk-") as folder,
            ReadModel(Path(folder) / "model.sqlite") as model,
            HttpServer(pages, host.metrics_host, host.metrics_port) as watched,
            Follower(*place, _TOPICS) as follower,
            EventReading(place, model, host.look_every) as events,
            LookupWriter(*place) as lookups,
            self._decisions,
            DeskServer(
                application(
                    self._desk(model, lookups, events), Gate(self._door, self._metrics, challenge)
                ),
                settings.desk_host,
                settings.desk_port,
                self._context,
            ) as desk,
        ):
            _log.info(
                "the desk is at %s (mode %s); metrics at %s/metrics",
                desk.address,
                settings.desk_mode,
                watched.address,
            )
            if settings.desk_mode in ("oidc", "proxy") and self._context is None:
                _log.warning("tokens and names travel in clear text: let nothing but a proxy in")
            try:
                while not stop.is_set():
                    self._turn(follower, events, model)
            except BrokerError as error:
                _log.error("stopped: %s", error)
                return 1
            except sqlite3.Error as error:
                _log.error("stopped: %s cannot be written (%s): is the disk full?", folder, error)
                return 1
        return 0

    def _desk(self, model: ReadModel, lookups: LookupWriter, events: EventReading) -> Desk:
        return Desk(
            model,
            self._live,
            Witness(lookups.write, self._metrics),
            self._store,
            lambda: self._is_ready().ok,
            events.behind,
            self._detectors,
            self._metrics,
            clocks_of(self._settings),
            self._customers_for,
            self._settings.desk_recompute_timeout,
        )

    def _turn(self, follower: Follower, events: EventReading, model: ReadModel) -> None:
        records = follower.records(_WAIT_MILLISECONDS)
        if records:
            self._live.tell(model.take_in(map(told_by, records)))
        events.require_reading()
        self._lag, self._silent = follower.lag(), follower.silent_seconds()
        self._read += len(records)
        if self._lag is not None:
            self._share_read = model.share_read = self._read / max(1, self._read + self._lag)
        if self._silent > self._host.broker_patience:
            raise BrokerUnreachable(f"the broker has not answered for {self._silent:.0f} s")
        if self._lag == 0 and not self._caught_up:
            self._caught_up = True
            _log.info("%d cases are up to date", model.count("cases"))
        self._turned_at = time.monotonic()
        is_ready = self._is_ready().ok
        self._live.tell_hearing(hears=is_ready)
        self._metrics.progress(self._lag or 0, model.foreign, ready=is_ready)

    def _store(self, decision: Decision) -> str:
        return self._decisions.write(decision_record(decision))

    def _alive(self) -> Condition:
        seconds = time.monotonic() - self._turned_at
        if seconds > _HANGS_SECONDS:
            return Condition([Complaint("the service makes no turn", seconds)])
        return Condition()

    def _is_ready(self) -> Condition:
        if self._silent > self._host.look_every:
            return Condition([Complaint("the broker does not answer", self._silent)])
        if not self._caught_up:
            what = f"not everything was read, but {self._share_read:.0%}"
            since = time.monotonic() - self._began_at
            return Condition([Complaint(what, since, lag=self._lag or 0)])
        return Condition()
