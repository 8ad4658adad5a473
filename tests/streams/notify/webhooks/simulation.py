"""A topic of alerts, a log, a webhook and a notifier on one clock, any of which may fail."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple

from detectors.alerts.alert import Severity
from streams.notify.webhooks.marks import Place
from streams.notify.webhooks.postings import Change, Pace, Post, Postings
from streams.notify.webhooks.revision import Revision
from streams.wire.posting import Posting, is_order, order_key, posting_key

BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)
ALERTS: Final = ("a", "b", "c", "poison")
PACE: Final = Pace(gives_up=timedelta(hours=2))
NAME: Final = "crm"
ROUND: Final = timedelta(seconds=1)
LONG_ROUND: Final = timedelta(seconds=60)

Network = Literal["up", "cut", "refuses", "answers lost"]
Offsets = Mapping[int, int] | None
Make = Callable[[Mapping[str, Posting], Offsets, Offsets], Postings]


class LawBroken(AssertionError):
    """A law did not hold; says which."""


class Killed(Exception):
    """The notifier is gone."""


class Attempt(NamedTuple):
    """A request that was made."""

    line: bytes
    number: int
    at: datetime


def usual(log: Mapping[str, Posting], beginning: Offsets, place: Offsets) -> Postings:
    """Return the core that is shipped."""
    return Postings(NAME, PACE, "warning", log, beginning, place)


class Simulation:
    """Plays what happens; `settle` lets everything end well, and judges."""

    def __init__(self, make: Make = usual, *, writes_ahead: bool = True) -> None:
        self._make: Final = make
        self._writes_ahead: Final = writes_ahead
        self.now = BEGINNING
        self.topic: Final[list[Revision]] = []
        self.log: Final[dict[bytes, Posting]] = {}
        self.beginning: Offsets = None
        self.place: Offsets = None
        self.taken = 0
        self.network: Network = "up"
        self.got: Final[dict[str, list[int]]] = {}
        self.letters: Final[set[tuple[str, int]]] = set()
        self.ordered: Final[set[bytes]] = set()
        self.attempts: Final[list[Attempt]] = []
        self._since: Final[dict[tuple[bytes, int], datetime]] = {}
        self._core: Postings | None = None
        self._read, self._begun = 0, False
        self._effects: int | None = None
        self.start()

    # ------------------------------------------------------------------------- what may happen

    def revise(self, alert_id: str, severity: Severity, *, is_open: bool) -> None:
        """Publish the next revision of an alert."""
        number = 1 + max((one.number for one in self.topic if one.alert_id == alert_id), default=0)
        self.topic.append(Revision(alert_id, number, severity, is_open, b""))

    def repeat(self, place: int) -> None:
        """Let a worker that was killed publish its last records once more."""
        self.topic.extend(self.topic[place : place + 3])

    def kill(self, effects: int) -> None:
        """Let the notifier be killed after so many more effects on the world."""
        self._effects = effects

    def start(self) -> None:
        """Start a notifier, where none runs."""
        if self._core is not None:
            return
        self._effects = None
        postings = {key.decode().split("/")[3]: one for key, one in self.log.items()}
        self._core = self._make(postings, self.beginning, self.place)
        self._read, self._begun = (self.place or {}).get(0, 0), False
        self.taken = 0
        for key in self.ordered:
            self._order(self._core, key)

    def order_again(self) -> None:
        """Replay every dead letter."""
        for alert_id, number in self.letters:
            self.ordered.add(order_key(NAME, alert_id, number))
        self.letters.clear()
        if self._core is not None:
            for key in self.ordered:
                self._order(self._core, key)

    def wait(self, seconds: float) -> None:
        """Let the notifier go round for so long; pauses are skipped."""
        until = self.now + timedelta(seconds=seconds)
        while self.now < until:
            self._round()
            self.now += ROUND if seconds <= 60 else LONG_ROUND

    def settle(self) -> None:
        """Let everything be well for long, and judge."""
        self.network = "up"
        self._effects = None
        self.start()
        self.wait(400)
        self.wait(4 * 3_600)
        self._judge_settled()

    # ---------------------------------------------------------------------- what the host does

    def _order(self, core: Postings, key: bytes) -> None:
        *_, alert_id, number = key.decode().split("/")
        core.order(key, Revision(alert_id, int(number), "warning", is_open=True, body=b""))

    def _round(self) -> None:
        if self._core is None:
            return
        try:
            self._act(self._core)
        except Killed:
            self._core = None

    def _act(self, core: Postings) -> None:
        for offset, revision in enumerate(self.topic[self._read :], self._read):
            core.take(revision, Place(0, offset))
            self.taken += 1
        self._read = len(self.topic)
        if not self._begun:
            begun = core.all_read()
            self._burn()
            self.beginning, self._begun = begun, True
        changes = core.plan(self.now)
        if self._writes_ahead:
            self._write(changes)
        core.written(changes)
        for post in core.due(self.now):
            if not self._send(core, post):
                break
        place = core.place()
        if place is not None and place != self.place:
            self._burn()
            self.place = place
            core.placed(place)

    def _send(self, core: Postings, post: Post) -> bool:
        self._burn()
        place = (post.line, post.revision.number)
        self.attempts.append(Attempt(*place, self.now))
        self._since.setdefault(place, self.now)
        if self.network == "cut":
            late = core.unreachable(self.now)
            for one in late:
                self._give_up(core, one)
            return False
        if self.network == "refuses" or post.revision.alert_id == "poison":
            core.answered()
            if core.refused(post, self.now):
                self._give_up(core, post)
            return True
        self._hear(post)
        if self.network == "answers lost":
            core.unreachable(self.now)
            return False
        core.answered()
        self._burn()
        self._write([core.settled(post, self.now)])
        return True

    def _give_up(self, core: Postings, post: Post) -> None:
        self._burn()
        begun = self._since[post.line, post.revision.number]
        if self.now - begun < PACE.gives_up:
            raise LawBroken(f"given up early: {post} after {self.now - begun}")
        self.letters.add((post.revision.alert_id, post.revision.number))
        self._write([core.settled(post, self.now)])

    def _write(self, changes: list[Change]) -> None:
        for key, posting in changes:
            self._burn()
            if posting is None and is_order(key):
                self.ordered.discard(key)
            elif posting is None:
                del self.log[key]
            else:
                self.log[key] = posting
                if posting.since is not None:
                    self._since.setdefault((key, posting.revision), posting.since)

    def _burn(self) -> None:
        if self._effects is not None:
            if self._effects == 0:
                raise Killed
            self._effects -= 1

    # --------------------------------------------------------------------------------- the laws

    def _hear(self, post: Post) -> None:
        alert_id, number = post.revision.alert_id, post.revision.number
        got = self.got.setdefault(alert_id, [])
        if post.line == posting_key(NAME, alert_id):
            if got and number < max(got):
                raise LawBroken(f"order: {alert_id} {number} after {got}")
            known = {one.number for one in self.topic if one.alert_id == alert_id}
            given_up = {n for other, n in self.letters if other == alert_id}
            if got and known & set(range(got[-1] + 1, number)) - given_up - self._once_given_up(
                alert_id
            ):
                raise LawBroken(f"order: {alert_id} {number} before those between it and {got[-1]}")
        got.append(number)

    def _once_given_up(self, alert_id: str) -> set[int]:
        ordered = (key.decode().split("/") for key in self.ordered)
        return {int(number) for *_, other, number in ordered if other == alert_id}

    def _judge_settled(self) -> None:
        begun = (self.beginning or {}).get(0, 0)
        told: set[str] = set()
        history = {one.alert_id: one for one in self.topic[:begun]}
        for alert_id in history:
            newest = max(
                (one for one in self.topic[:begun] if one.alert_id == alert_id),
                key=lambda one: one.number,
            )
            if newest.is_open and newest.severity != "info":
                told.add(alert_id)
                self._require(newest)
        seen = {alert_id: one.number for alert_id, one in history.items()}
        for one in self.topic[begun:]:
            if one.number <= seen.get(one.alert_id, 0):
                continue
            seen[one.alert_id] = one.number
            if one.alert_id in told or (one.is_open and one.severity != "info"):
                told.add(one.alert_id)
                self._require(one)
        for alert_id in self.got:
            if alert_id not in told:
                raise LawBroken(f"needless: {alert_id} was told")

    def _require(self, one: Revision) -> None:
        if one.number in self.got.get(one.alert_id, []):
            return
        if (one.alert_id, one.number) in self.letters:
            return
        if order_key(NAME, one.alert_id, one.number) in self.ordered:
            return
        if one.alert_id != "poison":  # of which each revision waits for hours
            raise LawBroken(f"never told: {one}")
