"""An Alertmanager in memory, with the rules that were measured on the real one (0.25 and 0.31).

- It forgets alerts when it ends; silences and the log of what it told survive. After ``kill -9``
  that log is as it was when it was last saved.
- An alert whose first message has already ended is never told.
- The end of a firing alert moves to a later time, or to the past, and to no earlier time.
- An alert that is not sent again ends by itself.
- A batch with a bad alert is answered with 400, and the others of it are taken.
- What is silenced is not told, an end neither.
"""

from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec

from streams.errors import ReceiverFailed
from streams.notify.deliveries import Key
from streams.notify.web_client import Reply

BAD: Final = "bad"
"""An alert with this in its id is refused."""

Network = Literal["up", "cut", "answers lost"]
What = Literal["firing", "resolved"]


class Said(NamedTuple):
    """What it told people."""

    at: datetime
    key: Key
    what: What


class Held(NamedTuple):
    """An alert that it holds."""

    starts_at: datetime
    ends_at: datetime


class Received(NamedTuple):
    """What it was sent of one alert."""

    key: Key
    labels: dict[str, str]
    held: Held


class SimulatedAlertmanager:
    def __init__(self, address: str, now: datetime) -> None:
        self._address: Final = address
        self.now = now
        self.running = True
        self.network: Network = "up"
        self.alerts: dict[Key, Held] = {}
        self.log: dict[Key, What] = {}
        self._saved: dict[Key, What] = {}
        self.silences: dict[str, dict[str, Any]] = {}
        self.said: list[Said] = []
        self.received: list[Received] = []

    @property
    def address(self) -> str:
        return self._address

    def request(self, method: str, path: str, body: bytes | None = None) -> Reply:
        if not self.running or self.network == "cut":
            raise ReceiverFailed("no answer")
        reply = self._answer(method, path, body)
        if self.network == "answers lost":
            raise ReceiverFailed("no answer")
        return reply

    def tick(self, now: datetime) -> None:
        """Tell what is to be told by now."""
        self.now = now
        if not self.running:
            return
        for key, held in self.alerts.items():
            what: What = "resolved" if held.ends_at <= now else "firing"
            before = self.log.get(key)
            if self._silenced(key) or before == what or (before is None and what == "resolved"):
                continue
            self.log[key] = what
            self.said.append(Said(now, key, what))

    def save(self) -> None:
        self._saved = dict(self.log)

    def terminate(self) -> None:
        self.save()
        self.kill()

    def kill(self) -> set[Key]:
        """End it at once; return of what it has forgotten that people were told."""
        lost = {key for key, what in self.log.items() if self._saved.get(key) != what}
        self.running = False
        self.alerts = {}
        self.log = dict(self._saved)
        return lost

    def start(self) -> None:
        self.running = True

    def _answer(self, method: str, path: str, body: bytes | None) -> Reply:
        if path.startswith("/api/v2/silence/"):
            self.silences.pop(path.rpartition("/")[2])
            return Reply(200, b"")
        if path == "/api/v2/silences" and method == "GET":
            return Reply(200, msgspec.json.encode(list(map(self._listed, self.silences.values()))))
        content = msgspec.json.decode(body or b"")
        if path == "/api/v2/silences":
            silence_id = content["id"] or f"silence-{len(self.silences)}-{self.now.timestamp()}"
            self.silences[silence_id] = content | {"id": silence_id}
            return Reply(200, msgspec.json.encode({"silenceID": silence_id}))
        bad = [one for one in content if BAD in one["labels"]["alert_id"]]
        for one in content:
            if one not in bad:
                self._take(one)
        return Reply(400, b"bad labels") if bad else Reply(200, b"")

    def _listed(self, silence: dict[str, Any]) -> dict[str, Any]:
        over = datetime.fromisoformat(silence["endsAt"]) <= self.now
        return silence | {"status": {"state": "expired" if over else "active"}}

    def _take(self, one: dict[str, Any]) -> None:
        labels = one["labels"]
        key = Key(labels["alert_id"], labels["severity"])
        new = Held(*(datetime.fromisoformat(one[name]) for name in ("startsAt", "endsAt")))
        self.received.append(Received(key, labels, new))
        old = self.alerts.get(key)
        if old is not None and old.ends_at > self.now and new.ends_at > self.now:
            new = Held(min(old.starts_at, new.starts_at), max(old.ends_at, new.ends_at))
        self.alerts[key] = new

    def _silenced(self, key: Key) -> bool:
        return any(
            silence["matchers"][0]["value"] == key.alert_id
            and datetime.fromisoformat(silence["endsAt"]) > self.now
            for silence in self.silences.values()
        )
