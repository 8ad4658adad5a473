"""The file of a case holds all that its record does, and no id of a customer that is hidden."""

import hashlib
import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from detectors.alerts.alert import Subject
from detectors.cases.case import Case, case_id_of
from detectors.events.decision import Approve, Decision, Note, Propose
from streams.access.local import LocalDoor
from streams.desk.casefile.contents import CaseReader
from streams.desk.export.hiding import SHORT, Hiding, Named
from streams.desk.model.intake import Told
from streams.desk.site.words import words_of
from streams.wire.topics import EVENT_TOPICS
from tests.streams.alerts_at_hand import agent_alert
from tests.streams.desk.desk_at_hand import DeskAtHand, ask
from tests.streams.desk.month_at_hand import case_of, month, told_of

QUICK, QUICK_ALERT = case_of("quick_cancellation")
UNUSED, UNUSED_ALERT = case_of("unused_account")
WORDS: Final = "I called <b>three</b> customers.\nNobody & nothing."


def decided() -> list[Decision]:
    """Return a closing by two people, one that was refused, and a note on each case."""
    made: list[Decision] = []
    for case_id, alert in ((QUICK, QUICK_ALERT), (UNUSED, UNUSED_ALERT)):
        at = alert.updated_at + timedelta(days=30)
        common: dict[str, Any] = {
            "case_id": case_id,
            "occurred_at": at,
            "role": "approver",
            "seen": {alert.alert_id: alert.revision},
        }
        made += [
            Note(decision_id=f"{case_id}-1", who="ann.lee", words=WORDS, **common),
            Propose(
                decision_id=f"{case_id}-2",
                who="ann.lee",
                outcome="honest",
                explanation="campaign",
                words="A campaign in March.",
                **common,
            ),
            Approve(decision_id=f"{case_id}-3", proposal=f"{case_id}-2", who="ann.lee", **common),
            Approve(decision_id=f"{case_id}-4", proposal=f"{case_id}-2", who="bob.ray", **common),
        ]
    return made


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("approver"), told=month(decided())) as found:
        yield found


def file_of(desk: DeskAtHand, case_id: str, query: str = "") -> str:
    answer = ask(desk.address, f"/cases/{case_id}/export.html{query}")
    assert answer.status == 200, answer.body
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="aboveboard-case-{case_id}.html"'
    )
    return answer.body.decode()


def read(page: str) -> str:
    """Return what a reader sees before the record as JSON begins, blanks as one."""
    head = page[page.index("<main") : page.index('<pre lang="en">')]
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", head)).split())


# ------------------------------------------------------------------------------------ all is there


def leaves(value: Any) -> Iterator[str]:  # noqa: ANN401 - any part of a case
    """Yield every text and time of a part of a case, as the file must say it."""
    match value:
        case msgspec.Struct():
            for name in value.__struct_fields__:
                if name not in ("outcome", "role", "severity", "state", "status", "what", "woke"):
                    yield from leaves(getattr(value, name))
        case tuple():
            for one in value:
                yield from leaves(one)
        case datetime():
            yield words_of("en").moment(value)
        case str() if value not in ("agent", "account"):
            yield " ".join(value.split())


def unsaid(desk: DeskAtHand, case_id: str) -> list[str]:
    known = desk.model.case(case_id)
    assert known is not None
    case = msgspec.json.decode(known.record, type=Case)
    assert case.history
    page = read(file_of(desk, case_id, "?customers=shown"))
    return [text for text in leaves(case) if text not in page]


@pytest.mark.parametrize("case_id", [QUICK, UNUSED])
def test_the_file_holds_what_the_case_holds(desk: DeskAtHand, case_id: str) -> None:
    assert unsaid(desk, case_id) == []


def test_a_file_without_the_refused_decision_is_caught(
    desk: DeskAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = CaseReader.contents

    def without_refusals(*given: Any) -> Any:  # noqa: ANN401 - as it is called
        found = whole(*given)
        kept = tuple(line for line in found.history if not line.entry.refused)  # type: ignore[union-attr] # it is there
        return found._replace(history=kept)  # type: ignore[union-attr] # it is there

    monkeypatch.setattr(CaseReader, "contents", without_refusals)
    assert unsaid(desk, QUICK)


def test_what_speaks_for_somebody_is_there_as_well(desk: DeskAtHand) -> None:
    page = read(file_of(desk, QUICK))
    said = (QUICK_ALERT.would_clear, *(QUICK_ALERT.explanations_unchecked or ()))
    assert all(str(text) in page for text in said)
    for heading in ("What could not be seen", "What speaks for them", "How to contest this"):
        assert heading in page
    assert page.index("What could not be seen") < page.index("What speaks against them")


def test_the_hashes_are_those_of_the_records(desk: DeskAtHand) -> None:
    page = file_of(desk, QUICK)
    case, alert = desk.model.case(QUICK), desk.model.alert(QUICK_ALERT.alert_id)
    assert case is not None
    assert alert is not None
    for record in (case.record, alert.record):
        assert hashlib.sha256(record).hexdigest() in page


def test_the_file_asks_nobody_for_anything(desk: DeskAtHand) -> None:
    page = file_of(desk, QUICK)
    assert not re.search(
        r"<(script|link|img|iframe|form|object)\b|\b(src|href)=|url\(|@import", page
    )
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page


def test_whoever_is_in_the_file_is_written_down(desk: DeskAtHand) -> None:
    file_of(desk, QUICK)
    lookup = desk.lookups[-1]
    assert lookup.path.endswith("/export.html")
    assert QUICK in lookup.case_ids
    assert QUICK_ALERT.alert_id in lookup.alert_ids
    assert {one.type for one in lookup.subjects} == {"agent", "account"}


# ---------------------------------------------------------------------------------------- hiding

_LETTERS: Final = st.sampled_from("ab1-._@é <&\"'/{}")
IDS: Final = (
    st.text(_LETTERS, min_size=SHORT, max_size=12)
    .map(str.strip)
    .filter(lambda one: len(one) >= SHORT and one.isprintable() and bool(re.search(r"\w", one)))
)


@given(st.lists(IDS, min_size=1, max_size=4, unique=True), st.data())
def test_no_hidden_id_stands_in_a_text(ids: list[str], data: st.DataObject) -> None:
    hiding = Hiding([Named("account", one) for one in ids], lambda kind, number: f"{kind} {number}")
    words = data.draw(st.lists(st.sampled_from([*ids, "sold", "to", ",", "."]), max_size=8))
    text = hiding.text(" ".join(words))
    for one in ids:
        assert not re.search(rf"(?<![\w-]){re.escape(one)}(?![\w-])", text, re.IGNORECASE)
    assert hiding.text(text) == text


def sale_of(alert_event: str, account: str, customer: str) -> Told:
    topic = next(topic for topic, kind in EVENT_TOPICS.items() if kind == "sale")
    event = {
        "type": "sale",
        "event_id": alert_event,
        "account_id": account,
        "customer_id": customer,
        "sale_id": "S",
        "agent_id": "ann",
        "product": "card",
        "amount": 3.5,
        "occurred_at": "2025-03-20T00:00:00Z",
    }
    return Told(topic, b"", msgspec.json.encode(event), 1)


def leaked(account: str, customer: str) -> list[str]:
    """Return which ids stand in the file about an account, with every text naming them."""
    subject = Subject("account", account)
    alert = structs.replace(
        agent_alert("ann"),
        subject=subject,
        summary=f"Account {account} of {customer} was never used.",
        next_step=f"Call {customer}.",
        data_quality=(f"Of {account} nothing came.",),
        event_ids=("E-1",),
        team=None,
        site=None,
    )
    case_id = case_id_of(subject)
    note = Note(
        decision_id="n-1",
        case_id=case_id,
        occurred_at=alert.updated_at,
        who="zoe",
        role="reviewer",
        seen={alert.alert_id: 1},
        words=f"{customer} knows nothing of {account}",
    )
    told = [*told_of([alert], [note]), sale_of("E-1", account, customer)]
    with DeskAtHand(LocalDoor("reviewer"), told=told) as desk:
        page = " ".join(html.unescape(file_of(desk, case_id)).split())
        page = page.replace(case_id, "").replace(alert.alert_id, "")
        body = page[page.index("<main") :]
        shapes = [re.escape(one) for one in (account, customer)]
        shapes += [
            re.escape(msgspec.json.encode(one).decode()[1:-1]) for one in (account, customer)
        ]
        return [
            one for one in shapes if re.search(rf"(?<![\w-]){one}(?![\w-])", body, re.IGNORECASE)
        ]


CUSTOMERS: Final = st.builds("{}{}".format, st.sampled_from(["Cust-", "zé.", 'q"x', "a<b&"]), IDS)


@given(CUSTOMERS, CUSTOMERS)
def test_the_file_of_a_case_holds_no_hidden_id(account: str, customer: str) -> None:
    assert leaked(f"A{account}", customer) == []


def test_a_file_that_hides_fields_alone_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Hiding, "text", lambda _, text: text)
    assert leaked("A-1234", "C-5678")


def test_ids_of_customers_are_for_some_roles_alone(desk: DeskAtHand) -> None:
    shown = file_of(desk, QUICK, "?customers=shown")
    hidden = file_of(desk, QUICK)
    (account,) = set(re.findall(r"account <bdi>([^<]+)</bdi>", shown)[:1])
    assert account in shown
    assert account not in hidden
    assert "account 1" in hidden
    with DeskAtHand(LocalDoor("reviewer"), told=month()) as other:
        assert ask(other.address, f"/cases/{QUICK}/export.html?customers=shown").status == 403
        assert ask(other.address, f"/cases/{QUICK}/export.html").status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"/cases/{QUICK}/export.html?customers=yes", 400),
        (f"/cases/{QUICK}/export.html?costumers=shown", 400),
        ("/cases/none/export.html", 404),
    ],
)
def test_what_cannot_be_made_is_refused(desk: DeskAtHand, path: str, status: int) -> None:
    assert ask(desk.address, path).status == status
