"""A desk with a keeper of cases at hand: the fold judges at once what is stored."""

from html.parser import HTMLParser
from threading import Lock
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from detectors.cases.book import CaseBook
from detectors.cases.case import Case
from detectors.events.decision import Decision, Role
from detectors.settings import CaseSettings
from streams.access.proxy import ProxyDoor, trusted_networks
from streams.access.roles import role_map
from streams.desk.model.intake import Told
from streams.desk.model.read_model import read_case
from streams.wire.case_record import case_record
from streams.wire.topics import Topic
from tests.streams.desk.desk_at_hand import CASES, TOLD, Answer, DeskAtHand, ask

OPEN: Final = [key.decode() for key, record in CASES.items() if read_case(record).state == "open"]
"""The cases that are open at first."""

CASE_ID: Final = OPEN[0]

FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")


class KeptDesk(DeskAtHand):
    """Knows people by headers; ``keeps`` is whether stored decisions are judged."""

    def __init__(self, **rest: Any) -> None:  # noqa: ANN401 - as the desk at hand takes them
        self.book: Final = CaseBook(CaseSettings())
        for alert in TOLD:
            self.book.add_alert(alert)
        self.book.changed()
        self.keeps = True
        self._one_at_a_time: Final = Lock()
        networks = trusted_networks("127.0.0.1")
        super().__init__(ProxyDoor(networks, "X-Login", "X-Groups", role_map("")), **rest)

    def _decide(self, decision: Decision) -> str:
        with self._one_at_a_time:
            place = super()._decide(decision)
            self.book.add_decision(decision)
            if self.keeps:
                self.judge()
        return place

    def judge(self) -> None:
        """Let the fold say what became of all that is stored."""
        records = map(case_record, self.book.changed())
        self.live.tell(
            self.model.take_in(Told(Topic.CASES_CURRENT, one.key, one.value) for one in records)
        )

    def case(self, case_id: str = CASE_ID) -> Case:
        """Return a case as the desk knows it."""
        known = self.model.case(case_id)
        assert known is not None
        return read_case(known.record)


class Somebody(NamedTuple):
    """A person at a browser that asks in English."""

    desk: KeptDesk
    login: str
    role: Role

    def get(self, path: str, *headers: tuple[str, str]) -> Answer:
        return ask(self.desk.address, path, [*self._headers(), *headers])

    def post(self, path: str, fields: list[tuple[str, str]], *headers: tuple[str, str]) -> Answer:
        body = urlencode(fields).encode()
        return ask(self.desk.address, path, [*self._headers(), FORM, *headers], body=body)

    def form(self, kind: str, case_id: str = CASE_ID) -> dict[str, str]:
        """Return the fields of the form of a decision as they are at first."""
        return fields_in(self.get(f"/cases/{case_id}/decide?kind={kind}&back=/cases?mine=1"))

    def decide(self, kind: str, case_id: str = CASE_ID, **filled: str) -> Answer:
        """Open the form, fill it in, send it."""
        form = self.form(kind, case_id) | USUAL | filled
        return self.post(f"/cases/{case_id}/decide", [*form.items()])

    def _headers(self) -> list[tuple[str, str]]:
        return [("X-Login", self.login), ("X-Groups", self.role), ("Accept-Language", "en")]


USUAL: Final = {
    "to": "me",
    "outcome": "honest",
    "explanation": "campaign",
    "words": "I called three customers.",
}


def fields_in(answer: Answer) -> dict[str, str]:
    """Return what the form of a page would send, if there is one."""
    parser = _Fields()
    parser.feed(answer.body.decode())
    return parser.found


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        name, value = known.get("name") or "", known.get("value") or ""
        if tag == "input" and (known.get("type") == "hidden" or "checked" in known):
            self.found[name] = value
        if tag == "select":
            self._select = name
        if tag == "option" and ("selected" in known or self._select not in self.found):
            self.found[self._select] = value
