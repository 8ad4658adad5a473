"""A notifier, its topics and two Alertmanagers in memory, on one clock, and the laws over them.

The notifier here is the pure core and what speaks to Alertmanager, with a host of a few lines. It
can be killed between any two things that it does to the world outside.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from detectors.alerts.alert import Alert, Severity
from detectors.cases.case import Case, State
from streams.config.secret import Secret
from streams.errors import ReceiverFailed
from streams.notify.alertmanager import Alertmanager
from streams.notify.deliveries import Change, Deliveries, Identity, Key, Timing
from streams.notify.picture import Picture
from streams.notify.web_client import Reply
from streams.notify.wording import Labels
from streams.wire.delivery import Delivery
from tests.streams.notify.sample_alerts import alert, case
from tests.streams.notify.simulated_alertmanager import BAD, Network, Said, SimulatedAlertmanager

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
TIMING: Final = Timing()
TICK: Final = timedelta(seconds=10)
SETTLED: Final = timedelta(minutes=20)
ALERTS: Final = ("a", "b", "c", f"{BAD} d")
CASE_OF: Final = {"a": "one", "b": "one", "c": "two", f"{BAD} d": "two"}

MakeDeliveries = Callable[[Timing, list[str], Identity, list[Delivery]], Deliveries]


class Killed(Exception):
    """The notifier was killed."""


class LawBroken(AssertionError):
    """A law of delivery was broken."""


@dataclass
class Fuse:
    """Kills the notifier before or after its n-th effect on the world; None: not at all."""

    effects: int | None = None

    def burn(self) -> None:
        if self.effects is not None:
            self.effects -= 1
            if self.effects < 0:
                raise Killed


@dataclass
class FusedServer:
    """A server whose asker may be killed before the question and after the answer."""

    server: SimulatedAlertmanager
    fuse: Fuse

    @property
    def address(self) -> str:
        return self.server.address

    def request(self, method: str, path: str, body: bytes | None = None) -> Reply:
        self.fuse.burn()
        reply = self.server.request(method, path, body)
        self.fuse.burn()
        return reply


@dataclass
class Notifier:
    """One process: what it holds is lost when it ends."""

    picture: Picture
    deliveries: Deliveries
    read: int = 0


@dataclass
class Truth:
    """How one alert stands; ``ended`` also while people have closed its case."""

    newest: Alert | None = None
    closed: bool = False
    ends: int = 0

    @property
    def is_open(self) -> bool:
        one = self.newest
        return (
            one is not None and one.status == "open" and one.severity != "info" and not self.closed
        )


@dataclass
class Simulation:
    """The world. Each method that has no underscore is something that may happen in it."""

    make: MakeDeliveries = Deliveries
    picture: Callable[[Severity], Picture] = Picture
    timing: Timing = TIMING
    writes_ahead: bool = True
    now: datetime = BEGINNING
    topic: list[Alert | Case] = field(default_factory=list)
    log: dict[Key, Delivery] = field(default_factory=dict)
    restarts: int = 0

    def __post_init__(self) -> None:
        self.truth = {alert_id: Truth() for alert_id in ALERTS}
        self.servers = [SimulatedAlertmanager(f"am-{n}", self.now) for n in range(2)]
        self.versions = dict.fromkeys(CASE_OF.values(), 0)
        self.states: dict[str, tuple[State, datetime | None]] = {}
        self.forgotten: set[tuple[str, Key]] = set()
        self.known_ended: dict[str, set[str]] = {one.address: set() for one in self.servers}
        self.contact: dict[tuple[str, Key], datetime] = {}
        self.starts: dict[tuple[str, Key], datetime] = {}
        self.labels: dict[tuple[str, Key], dict[str, str]] = {}
        self.told_ends: dict[tuple[str, Key], int] = {}
        self.fuse = Fuse()
        self.notifier: Notifier | None = None
        self.start()

    # ------------------------------------------------------------------------- what may happen

    def revise(
        self, alert_id: str, severity: Severity, status: Literal["open", "resolved"]
    ) -> None:
        """Publish another revision; a severity never falls, as in the engine."""
        truth = self.truth[alert_id]
        before, was_open = truth.newest, truth.is_open
        if before is not None and "critical" in (before.severity, severity):
            severity = "critical"
        revision = 1 if before is None else before.revision + 1
        truth.newest = alert(alert_id, revision, severity, status)
        self.topic.append(truth.newest)
        self._turned(truth, was_open=was_open)

    def repeat(self, place: int) -> None:
        """Let a record stand in the topic again, as a worker does that was killed."""
        if self.topic:
            self.topic.append(self.topic[place % len(self.topic)])

    def decide(self, case_id: str, state: State, minutes: int) -> None:
        """Let people decide about a case."""
        until = self.now + timedelta(minutes=minutes)
        has_end = state in ("acknowledged", "snoozed")
        alerts = []
        for alert_id, truth in self.truth.items():
            if CASE_OF[alert_id] == case_id and truth.newest is not None:
                alerts.append(truth.newest)
                was_open = truth.is_open
                truth.closed = state == "closed"
                self._turned(truth, was_open=was_open)
        self.versions[case_id] += 1
        self.states[case_id] = (state, until if has_end else None)
        self.topic.append(
            case(case_id, self.versions[case_id], state, tuple(alerts), until if has_end else None)
        )

    def wait(self, minutes: float) -> None:
        """Let time pass for everybody."""
        until = self.now + timedelta(minutes=minutes)
        while self.now < until:
            self.now += TICK
            for server in self.servers:
                server.now = self.now
            self.round()
            for server in self.servers:
                server.tick(self.now)
                self._judge(server)

    def kill_notifier(self, effects: int) -> None:
        """Kill it in its next round, before or after so many effects on the world."""
        self.fuse.effects = effects
        self.round()
        self.fuse.effects = None
        self.notifier = None

    def start(self) -> None:
        """Start a notifier where there is none."""
        if self.notifier is None:
            self.restarts += 1
            names = [server.address for server in self.servers]
            deliveries = self.make(self.timing, names, self._labels(), list(self.log.values()))
            self.notifier = Notifier(self.picture("warning"), deliveries)

    def end_server(self, number: int, *, in_order: bool) -> None:
        server = self.servers[number]
        if in_order:
            server.terminate()
        else:
            self.forgotten |= {(server.address, key) for key in server.kill()}

    def start_server(self, number: int) -> None:
        self.servers[number].start()

    def save(self, number: int) -> None:
        """Let an Alertmanager save what it has told, as it does every quarter of an hour."""
        self.servers[number].save()

    def network(self, number: int, state: Network) -> None:
        self.servers[number].network = state

    def settle(self) -> None:
        """Bring everything back, let time pass, and judge the laws about what was told at last."""
        self.start()
        for server in self.servers:
            server.start()
            server.network = "up"
        self.wait(SETTLED / timedelta(minutes=1))
        for server in self.servers:
            self._judge_settled(server)

    # --------------------------------------------------------------------------- the host of it

    def _labels(self) -> Labels:
        # Other settings after every start: what was told keeps its labels.
        return Labels(Secret(f"key {self.restarts}"), {})

    def round(self) -> None:
        """Let the notifier go round once."""
        if self.notifier is None:
            return
        try:
            self._act(self.notifier)
        except Killed:
            self.notifier = None

    def _act(self, notifier: Notifier) -> None:
        for record in self.topic[notifier.read :]:
            if isinstance(record, Alert):
                notifier.picture.alert(record)
            else:
                notifier.picture.case(record)
        notifier.read = len(self.topic)
        deliveries = notifier.deliveries
        changes = deliveries.plan(notifier.picture, self.now)
        if self.writes_ahead:
            self._write(changes)
        deliveries.written(changes, self.now)
        for server in self.servers:
            receiver = Alertmanager(FusedServer(server, self.fuse), "aboveboard", 2, "")
            messages = deliveries.due(server.address, self.now)
            if not messages:
                continue
            server.received.clear()
            with suppress(ReceiverFailed):  # better told too loud than not at all
                receiver.silence(notifier.picture.quiet(self.now), self.now)
            try:
                for taken in receiver.tell(messages):
                    deliveries.answered(server.address, taken.keys, self.now)
            except ReceiverFailed:
                deliveries.failed(server.address, self.now)
            else:
                deliveries.finished(server.address, self.now)
                self.known_ended[server.address] = {
                    alert_id for alert_id, truth in self.truth.items() if not truth.is_open
                }
            finally:
                self._note_contact(server)
        if not self.writes_ahead:
            self._write(changes)

    def _write(self, changes: list[Change]) -> None:
        for key, delivery in changes:
            self.fuse.burn()
            if delivery is None:
                del self.log[key]
            else:
                self.log[key] = delivery
        self.fuse.burn()

    # --------------------------------------------------------------------------------- the laws

    def _turned(self, truth: Truth, *, was_open: bool) -> None:
        if was_open and not truth.is_open:
            truth.ends += 1
            for place in list(self.starts):
                if self.truth[place[1].alert_id] is truth:
                    del self.starts[place]
                    self.labels.pop(place, None)

    def _note_contact(self, server: SimulatedAlertmanager) -> None:
        for key, labels, held in server.received:
            place = (server.address, key)
            is_open = self.truth[key.alert_id].is_open
            if is_open and self.labels.setdefault(place, labels) != labels:
                raise LawBroken(f"labels: {key} is another alert now")
            if held.ends_at > self.now:
                self.contact[place] = self.now
                if not BEGINNING <= held.starts_at <= self.now:
                    raise LawBroken(f"start: {key} began at {held.starts_at}")
                if self.starts.setdefault(place, held.starts_at) != held.starts_at:
                    raise LawBroken(f"start: {key} has another start")
                if is_open:
                    self.known_ended[server.address].discard(key.alert_id)

    def _judge(self, server: SimulatedAlertmanager) -> None:
        for said in server.said:
            self._judge_said(server, said)
        server.said.clear()

    def _judge_said(self, server: SimulatedAlertmanager, said: Said) -> None:
        truth = self.truth[said.key.alert_id]
        place = (server.address, said.key)
        if said.what == "firing":
            self.forgotten.discard(place)
            if not truth.is_open and said.key.alert_id in self.known_ended[server.address]:
                raise LawBroken(f"open after its end: {said}")
            self.told_ends[place] = truth.ends if truth.is_open else truth.ends - 1
        elif truth.ends <= self.told_ends[place] and said.at - self.contact[place] < max(
            TIMING.lasts, self.timing.lasts
        ):
            raise LawBroken(f"false end: {said}")

    def _judge_settled(self, server: SimulatedAlertmanager) -> None:
        for alert_id, truth in self.truth.items():
            if BAD in alert_id or truth.newest is None:
                continue
            state, until = self.states.get(CASE_OF[alert_id], ("open", None))
            key = Key(alert_id, truth.newest.severity)
            if truth.is_open:
                if until is not None and until > self.now and server.log.get(key) != "firing":
                    continue  # silenced, and maybe from before it was told
                if server.log.get(key) != "firing":
                    raise LawBroken(f"never told: {key} in state {state}")
                continue
            severities: tuple[Severity, ...] = ("warning", "critical")
            for one in (Key(alert_id, severity) for severity in severities):
                if server.log.get(one) == "firing" and (server.address, one) not in self.forgotten:
                    raise LawBroken(f"end not told: {one}")
