"""A desk over real sockets, with alerts and cases on it; what it writes down is kept in a list."""

import http.client
import ssl
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

import msgspec

from detectors.events.decision import Decision
from detectors.settings import Settings
from streams.access.doors import server_context
from streams.access.person import Door
from streams.config.desk import DeskSettings
from streams.desk.desk import Desk
from streams.desk.gate import Gate
from streams.desk.live import Live
from streams.desk.model.intake import Told
from streams.desk.model.read_model import ReadModel
from streams.desk.server import DeskServer, application
from streams.desk.witness import Witness
from streams.metrics.desk_metrics import DeskMetrics
from streams.stages.actors.alert_records import alert_records
from streams.wire.lookup_record import Lookup
from streams.wire.topics import Topic
from tests.integration.cases.desk_work import alerts, expected

Headers = Sequence[tuple[str, str]]

TOLD: Final = alerts()
CASES: Final = expected(TOLD, ())


class Answer(NamedTuple):
    """What the desk said; status 0 where TLS let nobody through; cookies as they are set."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: Sequence[str] = ()

    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return msgspec.json.decode(self.body)


def everything() -> list[Told]:
    """Return the newest of all alerts, and their cases, as the topics tell them."""
    return [
        *(
            Told(record.topic, record.key, record.value)
            for alert in TOLD
            for record in alert_records(alert)
            if record.topic in (Topic.ALERTS, Topic.ALERTS_CURRENT)
        ),
        *(Told(Topic.CASES_CURRENT, key, value) for key, value in CASES.items()),
    ]


class DeskAtHand:
    """A desk behind a door, from its start until the block ends.

    Attributes
    ----------
    live
        Tells open pages of changes.
    lookups, decisions
        What was stored.
    behind
        How many events are not read yet.
    failure
        What storing raises, if anything.
    ready
        Whether everything was read.
    """

    def __init__(
        self,
        door: Door,
        settings: DeskSettings | None = None,
        challenge: str = "",
        witness: type[Witness] = Witness,
        told: Iterable[Told] | None = None,
        port: int = 0,
    ) -> None:
        self._folder: Final = TemporaryDirectory()
        self.model: Final = ReadModel(Path(self._folder.name) / "model.sqlite")
        self.model.take_in(everything() if told is None else told)
        self.live: Final = Live()
        self.lookups: Final[list[Lookup]] = []
        self.decisions: Final[list[Decision]] = []
        self.failure: Exception | None = None
        self.ready = True
        self.behind: int | None = 0
        self.metrics: Final = DeskMetrics()
        desk = Desk(
            self.model,
            self.live,
            witness(self._lookup, self.metrics),
            self._decide,
            lambda: self.ready,
            lambda: self.behind,
            Settings(),
            self.metrics,
        )
        app = application(desk, Gate(door, self.metrics, challenge))
        context = server_context(settings or DeskSettings())
        self._server: Final = DeskServer(app, "127.0.0.1", port, context)
        self.address: Final = self._server.address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.close()
        self.model.__exit__()
        self._folder.cleanup()

    def _lookup(self, lookup: Lookup) -> None:
        if self.failure is not None:
            raise self.failure
        self.lookups.append(lookup)

    def _decide(self, decision: Decision) -> str:
        if self.failure is not None:
            raise self.failure
        self.decisions.append(decision)
        return f"decisions[0]@{len(self.decisions)}"


def ask(
    address: str,
    path: str,
    headers: Headers = (),
    *,
    body: bytes | None = None,
    method: str | None = None,
    context: ssl.SSLContext | None = None,
    source: str = "127.0.0.1",
) -> Answer:
    """Return what is answered to one request with just these headers."""
    parts = urlsplit(address)
    place = (parts.hostname or "", parts.port, 20)
    connection = (
        http.client.HTTPConnection(*place, source_address=(source, 0))
        if parts.scheme == "http"
        else http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=20, context=context
        )
    )
    try:
        named = any(name.lower() == "host" for name, _ in headers)
        connection.putrequest(method or ("GET" if body is None else "POST"), path, skip_host=named)
        for name, value in headers:
            connection.putheader(name, value.encode())
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        read = answer.read()
    except ssl.SSLError:
        return Answer(0, {}, b"")
    except (ConnectionError, http.client.RemoteDisconnected):
        return Answer(0, {}, b"")  # TLS 1.3 tells a client only afterwards
    finally:
        connection.close()
    found = {k.lower(): v for k, v in answer.getheaders()}
    return Answer(answer.status, found, read, answer.headers.get_all("Set-Cookie") or ())


NAMES: Final = frozenset(
    {alert.subject.id for alert in TOLD}
    | {alert.alert_id for alert in TOLD}
    | {key.decode() for key in CASES}
)
"""What no stranger may read: people, and the ids under which they are found."""

ALERT_ID: Final = TOLD[0].alert_id
CASE_ID: Final = next(iter(CASES)).decode()
PLACES: Final = ("/api/alerts", f"/api/alerts/{ALERT_ID}", "/api/cases", f"/api/cases/{CASE_ID}")

Asking = Callable[[str], Answer]


def leaks(desk: DeskAtHand, asking: Asking, places: Iterable[str] = PLACES) -> list[str]:
    """Return what was shown to whoever asks so, and what is written down of it."""
    before = len(desk.lookups)
    found = []
    for place in places:
        answer = asking(place)
        # What somebody asks for by its id, they know already: the login leads them back to it.
        named = [name for name in NAMES if name.encode() in answer.body and name not in place]
        if named or answer.status in range(200, 400):
            found.append(f"{place} answers {answer.status} and names {len(named)}")
    if len(desk.lookups) > before:
        found.append(f"{desk.lookups[-1].who} is written down as somebody who looked")
    return found
