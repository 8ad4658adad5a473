"""`aboveboard cases`: reads alerts and decisions, and tells the cases, until asked to stop."""

import logging
import time
from threading import Event
from typing import Final

from detectors.basis.event_time import Seconds
from detectors.settings import Settings
from streams.broker.follower import Follower
from streams.broker.keeper.writer import CaseWriter, case_writer
from streams.broker.security import BrokerSecurity
from streams.cases.keeper import CaseKeeper, Stored
from streams.config.host import HostSettings
from streams.errors import BrokerError, BrokerUnreachable
from streams.metrics.case_metrics import CaseMetrics
from streams.serving.page import Complaint, Condition, pages_of
from streams.serving.server import HttpServer
from streams.wire.case_record import erased_version
from streams.wire.dead_letter import DeadLetter
from streams.wire.rights import cases_group
from streams.wire.topics import Topic

TOPICS: Final = (Topic.ALERTS, Topic.DECISIONS, Topic.CASES_CURRENT)

_WAIT_MILLISECONDS: Final = 200
_MEASURE_SECONDS: Final = 5.0
_HANGS_SECONDS: Final = 60.0
"""Without a turn for so long the service does not live any more."""

_log: Final = logging.getLogger("aboveboard.cases")


class CaseService:
    """One keeper of cases over Kafka.

    Parameters
    ----------
    settings
        What people may decide, and what a credible record is.
    host, security
        The broker and how to reach it, where to serve pages.
    until_read
        End once everything that stands in the topics was read and told.
    """

    def __init__(
        self,
        settings: Settings,
        host: HostSettings,
        security: BrokerSecurity,
        *,
        until_read: bool = False,
    ) -> None:
        self._host: Final = host
        self._security: Final = security
        self._until_read: Final = until_read
        self._keeper: Final = CaseKeeper(settings)
        self._metrics: Final = CaseMetrics(host.most_sites)
        self._ready = False
        self._lag: int | None = None
        self._silent = 0.0
        self._turned_at = self._measured_at = time.monotonic()

    def run(self, stop: Event) -> int:
        """Work until asked to stop; return the exit code.

        Raises
        ------
        BrokerError
            If the broker does not answer at the start.
        """
        host = self._host
        pages = pages_of(self._metrics.exposition, self._alive, self._is_ready)
        group = cases_group(host.topic_prefix, host.group)
        place = (host.broker, host.topic_prefix, self._security)
        with (
            HttpServer(pages, host.metrics_host, host.metrics_port) as server,
            Follower(*place, TOPICS, group) as follower,
            case_writer(*place) as writer,
        ):
            letters = _Letters(follower, writer)
            _log.info("reading cases from %s; metrics at %s/metrics", host.broker, server.address)
            try:
                while not stop.is_set() and not (self._until_read and self._ready):
                    self._turn(follower, writer, letters)
            except BrokerError as error:
                # Nothing is lost by it: a restart reads everything again.
                _log.error("stopped: %s", error)
                return 1
        return 0

    def _turn(self, follower: Follower, writer: CaseWriter, letters: "_Letters") -> None:
        for topic, record in follower.records(_WAIT_MILLISECONDS):
            stored_at = Seconds(record.timestamp / 1_000)
            erased = None
            if topic is Topic.CASES_CURRENT and record.value is None:
                erased = erased_version(record.topic, record.key, record.headers)
            place = (topic, record.partition, record.offset)
            stored = Stored(*place, record.key, record.value, stored_at, erased)
            letter = self._keeper.add(stored)
            if letter is not None:
                letters.send(letter, stored)
        self._lag, self._silent = follower.lag(), follower.silent_seconds()
        if self._silent > self._host.broker_patience:
            raise BrokerUnreachable(f"the broker has not answered for {self._silent:.0f} s")
        if self._lag == 0:
            self._tell(writer)
        self._turned_at = time.monotonic()
        self._measure()

    def _tell(self, writer: CaseWriter) -> None:
        """Write what is due: only now, or the cases would live through all of their past again."""
        records = self._keeper.due()
        if records:
            for record, offset in zip(records, writer.write(records), strict=True):
                self._keeper.written(record, offset)
            self._metrics.written(len(records))
        if not self._ready:
            _log.info("%d cases are up to date", len(self._keeper.cases))
            self._ready, self._measured_at = True, 0.0

    def _measure(self) -> None:
        self._metrics.progress(self._lag or 0, ready=self._is_ready().ok)
        if self._turned_at - self._measured_at < _MEASURE_SECONDS:
            return
        self._measured_at = self._turned_at
        self._metrics.of_cases(self._keeper.cases.values(), self._keeper.unmatched())
        self._metrics.of_topics(self._keeper.foreign, self._keeper.disagreements)

    def _alive(self) -> Condition:
        seconds = time.monotonic() - self._turned_at
        if seconds > _HANGS_SECONDS:
            return Condition([Complaint("the service makes no turn", seconds)])
        return Condition()

    def _is_ready(self) -> Condition:
        if self._silent > self._host.look_every:
            return Condition([Complaint("the broker does not answer", self._silent)])
        if not self._ready or self._lag != 0:
            return Condition([Complaint("not everything was read", 0.0, lag=self._lag or 0)])
        return Condition()


class _Letters:
    """Letters about decisions that cannot be read, each sent once: the group knows which were."""

    def __init__(self, follower: Follower, writer: CaseWriter) -> None:
        self._follower: Final = follower
        self._writer: Final = writer
        self._noted: Final = follower.noted(Topic.DECISIONS)

    def send(self, letter: DeadLetter, record: Stored) -> None:
        """Send a letter unless it was sent before."""
        if record.offset < self._noted.get(record.partition, 0):
            return
        self._writer.write_letter(letter, record.key)
        self._follower.note(record.topic, record.partition, record.offset + 1)
        _log.warning("set aside %s: %s", letter.location(), letter.detail)
