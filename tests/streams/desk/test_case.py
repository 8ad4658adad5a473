"""The page of a case: it says of every alert what its record says, and names nobody unaccounted."""

import html
import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from html.parser import HTMLParser
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
import pytest
from msgspec import UNSET, structs

from detectors.alerts.alert import Alert, Subject
from detectors.basis.errors import InvalidSettings
from detectors.cases.case import case_id_of
from detectors.events.decision import Note, Role
from detectors.settings import Settings
from streams.access.local import LocalDoor
from streams.config.desk import DeskSettings, roles_for_customers
from streams.desk.casefile.sales import SAMPLE, SalesReader, to_call_back
from streams.desk.model.intake import Told
from streams.wire.topics import EVENT_TOPICS
from tests.streams.alerts_at_hand import agent_alert
from tests.streams.desk.desk_at_hand import Answer, DeskAtHand, ask
from tests.streams.desk.month_at_hand import case_of, month, month_alerts, told_of

HOSTILE: Final = "<img src=x onerror=alert(1)>\"'&{{ 7*7 }}</td><b>"
WORDS: Final = files("streams.desk").joinpath("words")
FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("reviewer"), told=month()) as found:
        yield found


def text_of(answer: Answer) -> str:
    """Return what a reader sees of a page, blanks as one."""
    assert answer.status == 200, answer.body
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", answer.body.decode())).split())


def get(desk: DeskAtHand, path: str) -> str:
    return text_of(ask(desk.address, path))


# ---------------------------------------------------------------------- what it says of an alert


def said_of(alert: Alert) -> list[str]:
    """Return what the record of an alert says to people."""
    texts = [alert.summary, alert.next_step, alert.would_clear, alert.config_hash, alert.alert_id]
    listed = (alert.data_quality, alert.explanations_checked, alert.explanations_unchecked)
    texts += [text for texts_of in listed for text in texts_of or ()]
    texts.append(f"revision {alert.revision}, settings")
    return [" ".join(text.split()) for text in texts if text is not UNSET]


def unsaid(desk: DeskAtHand, newest: Iterable[Alert]) -> list[str]:
    found = []
    for alert in newest:
        page = get(desk, f"/cases/{case_id_of(alert.subject)}")
        found += [text for text in said_of(alert) if text not in page]
    return found


def newest_of(pattern: str) -> list[Alert]:
    newest = {alert.alert_id: alert for alert in month_alerts()}
    return [alert for alert in newest.values() if alert.pattern.startswith(pattern)][:6]


@pytest.mark.parametrize("pattern", ["quick_cancellation", "unused_account"])
def test_the_page_says_what_the_record_says(desk: DeskAtHand, pattern: str) -> None:
    assert newest_of(pattern)
    assert unsaid(desk, newest_of(pattern)) == []


def test_a_page_that_misses_a_revision_is_caught() -> None:
    first = [alert for alert in month_alerts() if alert.revision == 1]
    with DeskAtHand(LocalDoor("viewer"), told=told_of(first)) as desk:
        assert unsaid(desk, newest_of("quick_cancellation"))


def test_every_revision_stands_there_by_both_clocks(desk: DeskAtHand) -> None:
    case_id, alert = case_of("quick_cancellation")
    page = get(desk, f"/cases/{case_id}")
    for one in month_alerts():
        if one.alert_id == alert.alert_id:
            day = f"{one.updated_at.day} {one.updated_at:%b %Y}"
            assert f"{one.revision} {day}, 00:00 UTC {day}, 01:00 UTC" in page


# ------------------------------------------------------------------------------------- escaping


class _Tags(HTMLParser):
    """Keeps the elements of a page that none of ours has."""

    def __init__(self) -> None:
        super().__init__()
        self.strange: list[str] = []

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        if tag in ("img", "b") or any(name.startswith("on") for name, _ in attrs):
            self.strange.append(tag)


def strange_in(page: str) -> list[str]:
    parser = _Tags()
    parser.feed(page)
    return parser.strange


def hostile_alert() -> Alert:
    return structs.replace(
        agent_alert(HOSTILE),
        summary=f"Said {HOSTILE}",
        next_step=f"Next {HOSTILE}",
        would_clear=f"Clear {HOSTILE}",
        data_quality=(f"Hole {HOSTILE}",),
        explanations_checked=(f"Checked {HOSTILE}",),
        explanations_unchecked=(f"Unchecked {HOSTILE}",),
        team=f"team {HOSTILE}",
        site=f"site {HOSTILE}",
        event_ids=(HOSTILE,),
    )


def hostile_sale() -> Told:
    topic = next(topic for topic, kind in EVENT_TOPICS.items() if kind == "sale")
    texts = {
        name: f"{name} {HOSTILE}"
        for name in ("account_id", "sale_id", "customer_id", "agent_id", "product", "verifier_id")
    }
    times = {"occurred_at": "2025-03-20T00:00:00Z", "verified_at": "2025-03-21T00:00:00Z"}
    event = {"type": "sale", "event_id": HOSTILE, "amount": 3.5, **texts, **times}
    return Told(topic, b"", msgspec.json.encode(event), 1)


def test_texts_of_strangers_are_only_text() -> None:
    alert = hostile_alert()
    note = Note(
        decision_id="n-1",
        case_id=case_id_of(alert.subject),
        occurred_at=alert.updated_at,
        who="ann",
        role="reviewer",
        seen={alert.alert_id: 1},
        words=f"Words {HOSTILE}",
    )
    told = [*told_of([alert], [note]), hostile_sale()]
    with DeskAtHand(LocalDoor("auditor"), told=told) as desk:
        answer = ask(desk.address, f"/cases/{case_id_of(alert.subject)}")
        page = answer.body.decode()
        assert strange_in(page) == []
        texts = " ".join(html.unescape(page).split())
        for begin in ("Said", "Next", "Clear", "Hole", "Checked", "Unchecked", "team", "site"):
            assert f"{begin} {HOSTILE}" in texts
        for begin in ("Words", "account_id", "sale_id", "customer_id", "product", "verifier_id"):
            assert f"{begin} {HOSTILE}" in texts
        assert strange_in(html.unescape(page)), "a page that escapes nothing would be caught"


# ------------------------------------------------------------------------- who is named, to whom


@pytest.mark.parametrize("pattern", ["quick_cancellation", "unused_account"])
def test_whom_the_page_names_is_written_down(desk: DeskAtHand, pattern: str) -> None:
    for alert in newest_of(pattern):
        before = len(desk.lookups)
        page = get(desk, f"/cases/{case_id_of(alert.subject)}")
        (lookup,) = desk.lookups[before:]
        told = {*lookup.case_ids, *lookup.alert_ids, *(one.id for one in lookup.subjects)}
        named = set(re.findall(r"\b(?:agent-\d+|a-\d+|[0-9a-f]{24})\b", page))
        assert named
        assert named <= told


@pytest.mark.parametrize(("role", "seen"), [("reviewer", False), ("approver", True)])
def test_customers_are_named_to_those_who_may_know(role: Role, *, seen: bool) -> None:
    case_id, _ = case_of("quick_cancellation")
    with DeskAtHand(LocalDoor(role), told=month()) as desk:
        page = get(desk, f"/cases/{case_id}")
    assert bool(re.search(r"customer c-\d+", page)) == seen
    assert ("customer hidden" in page) != seen


def test_only_roles_are_told_customers() -> None:
    assert roles_for_customers(DeskSettings()) == {"approver", "auditor"}
    with pytest.raises(InvalidSettings, match="ABOVEBOARD_DESK_CUSTOMERS_FOR: 'boss' is no role"):
        roles_for_customers(DeskSettings(desk_customers_for="approver, boss"))


# ------------------------------------------------------------------------------------- the sales


def test_sales_have_what_followed_and_a_sample_is_everybodys(desk: DeskAtHand) -> None:
    case_id, alert = case_of("quick_cancellation")
    sales = SalesReader(desk.model, Settings()).named_by(alert)
    assert (sales.missing, sales.named) == (0, len(alert.event_ids))
    assert alert.at_stake is not None
    assert len(sales.lines) == alert.at_stake.sales
    assert all("cancellation" in {step.what for step in line.steps} for line in sales.lines)
    assert all(line.sale.agent_id == alert.subject.id for line in sales.lines)
    sample = to_call_back(case_id, sales.lines)
    assert len(sample) == SAMPLE
    assert to_call_back(case_id, sales.lines[::-1]) == sample
    assert to_call_back("another case", sales.lines) != sample


def test_what_is_not_read_yet_is_told() -> None:
    case_id, alert = case_of("quick_cancellation")
    with DeskAtHand(LocalDoor("viewer"), told=told_of(month_alerts())) as desk:
        named = len(alert.event_ids)
        desk.behind = 1_234
        page = get(desk, f"/cases/{case_id}")
        assert "1,234 events are not read yet: sales may be missing below." in page
        assert f"{named} of the {named} events that the alert names are not here." in page
        desk.behind = None
        assert "The events are not read yet, or Kafka does not answer" in get(
            desk, f"/cases/{case_id}"
        )
        desk.behind = 0
        assert "are not in Kafka any more" in get(desk, f"/cases/{case_id}")


# --------------------------------------------------------------------------------------- the ticks


def tick(desk: DeskAtHand, alert: Alert, *explanations: str, words: str = "") -> Answer:
    return send_ticks(desk, alert, ticks_of(desk, alert, *explanations, words=words))


def ticks_of(desk: DeskAtHand, alert: Alert, *explanations: str, words: str = "") -> bytes:
    """Return a form as a browser sends it that has read the page now."""
    page = ask(desk.address, f"/cases/{case_id_of(alert.subject)}").body
    hidden = {
        name: found[1].decode() if found else ""
        for name in ("token", "once")
        for found in (re.search(rb'name="%s" value="(\w+)"' % name.encode(), page),)
    }
    fields = [*hidden.items(), ("alert_id", alert.alert_id), ("words", words)]
    fields += [("explanation", one) for one in explanations]
    return urlencode(fields).encode()


def send_ticks(desk: DeskAtHand, alert: Alert, form: bytes) -> Answer:
    return ask(desk.address, f"/cases/{case_id_of(alert.subject)}/ruled-out", [FORM], body=form)


def test_ticks_are_kept_as_a_note(desk: DeskAtHand) -> None:
    _, alert = case_of("quick_cancellation")
    first, second, *_ = alert.explanations_unchecked or ()
    answer = tick(desk, alert, first, second, words=" I asked the team lead. ")
    assert answer.status == 303
    assert answer.headers["location"].startswith(f"/cases/{case_id_of(alert.subject)}?stored")
    (note,) = desk.decisions
    assert isinstance(note, Note)
    assert note.words == f"Ruled out: {first}\nRuled out: {second}\nI asked the team lead."
    assert note.seen == {alert.alert_id: alert.revision}
    with DeskAtHand(LocalDoor("reviewer"), told=told_of(month_alerts(), [note])) as later:
        page = ask(later.address, f"/cases/{case_id_of(alert.subject)}").body
        assert page.count(b"disabled checked") >= 2
        assert b"ruled out" in page
    assert tick(desk, alert, "Something of mine").status == 422
    assert tick(desk, alert).status == 422


def test_ticks_that_are_sent_twice_are_one_note(desk: DeskAtHand) -> None:
    _, alert = case_of("quick_cancellation")
    first, *_ = alert.explanations_unchecked or ()
    form, before = ticks_of(desk, alert, first), len(desk.decisions)
    assert [send_ticks(desk, alert, form).status for _ in range(2)] == [303, 303]
    tick(desk, alert, first)
    same, again, another = (one.decision_id for one in desk.decisions[before:])
    assert same == again != another


def test_who_may_not_decide_ticks_nothing() -> None:
    _, alert = case_of("quick_cancellation")
    with DeskAtHand(LocalDoor("viewer"), told=told_of(month_alerts())) as desk:
        assert b"ruled-out" not in ask(desk.address, f"/cases/{case_id_of(alert.subject)}").body
        assert tick(desk, alert, *(alert.explanations_unchecked or ())).status == 403
        assert desk.decisions == []


def test_an_alert_leads_to_its_case(desk: DeskAtHand) -> None:
    case_id, alert = case_of("quick_cancellation")
    answer = ask(desk.address, f"/alerts/{alert.alert_id}")
    assert answer.status == 303
    assert answer.headers["location"] == f"/cases/{case_id}#alert-{alert.alert_id}"
    assert desk.lookups[-1].alert_ids == (alert.alert_id,)
    assert ask(desk.address, "/alerts/nobody").status == 404


def test_subjects_of_every_kind_have_a_page() -> None:
    for kind in ("agent", "account", "site", "team"):
        subject = Subject(kind, "a")
        alert = structs.replace(agent_alert(), subject=subject, agent_id=None)
        with DeskAtHand(LocalDoor("viewer"), told=told_of([alert])) as desk:
            assert "A sentence." in get(desk, f"/cases/{case_id_of(subject)}")


def test_both_languages_say_the_same_things() -> None:
    english, german = (
        tomllib.loads(WORDS.joinpath(f"case.{language}.toml").read_text("utf-8"))
        for language in ("en", "de")
    )
    assert places_in(english) == places_in(german)


def places_in(table: dict[str, Any]) -> dict[str, Any]:
    """Return the keys of a table, each with the names that its text leaves open."""
    return {
        key: places_in(value) if isinstance(value, dict) else sorted(re.findall(r"{\w+}", value))
        for key, value in table.items()
    }
