"""The day of a reviewer: cases found, read and decided about by keyboard, with a second person."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
import pytest
from msgspec import structs
from playwright.sync_api import expect

from detectors.alerts.alert import Alert, Subject
from detectors.cases.case import case_id_of
from detectors.events.decision import Snooze
from tests.browser.living_desk import LivingDesk, behind_a_proxy
from tests.browser.windows import Who, Windows
from tests.detectors.cases.people import revision
from tests.detectors.cases.test_book import alert_of

ANN: Final = Who("ann.lee@bank.example", "reviewer")
BOB: Final = Who("bob.ray@bank.example", "approver")

HOSTILE: Final = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'>{{7*7}}\u202e"
WORST: Final = Subject("agent", "agent-worst")
NOW: Final = datetime.now(UTC)


def alert(number: int, subject: Subject, severity: str = "warning", version: int = 1) -> Alert:
    hours = 24.0 * version
    one = revision(f"alert-{number}", version, hours, severity=severity, observed=10 * version)  # type: ignore[arg-type] # one of the words
    opened = NOW - timedelta(hours=2, minutes=number % 60)
    found = alert_of(one, subject)
    words = f"Agent {subject.id!r} stands out."
    return structs.replace(
        found, opened_at=opened, updated_at=opened + timedelta(minutes=version), summary=words
    )


def agents(number: int) -> list[Alert]:
    return [alert(one, Subject("agent", f"agent-{one:05d}")) for one in range(number)]


def told() -> list[Alert]:
    hostile = alert(901, Subject("agent", HOSTILE))
    return [*agents(12), alert(900, WORST, "critical"), hostile]


@pytest.fixture
def desk() -> Iterator[LivingDesk]:
    with LivingDesk(behind_a_proxy(), told()) as found:
        yield found


def row(subject: Subject) -> str:
    return f"#case-{case_id_of(subject)}"


def test_a_case_is_found_read_proposed_and_approved_by_keyboard(
    desk: LivingDesk, windows: Windows
) -> None:
    ann = windows.open(desk.address, ANN).page
    ann.goto("/cases")
    ann.keyboard.press("j")  # the first row is the worst case
    ann.keyboard.press("Enter")
    expect(ann.locator("h1")).to_contain_text(WORST.id)
    ann.go_back()
    ann.keyboard.press("j")
    ann.keyboard.press("d")
    dialog = ann.get_by_role("dialog")
    expect(dialog).to_be_visible()
    ann.keyboard.press("Space")  # confirmed is the first of the choices, and has the focus
    dialog.get_by_role("textbox").last.focus()
    ann.keyboard.type("Seven of ten customers say no.")
    ann.keyboard.press("Tab")
    ann.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    proposal = desk.case(case_id_of(WORST)).proposal
    assert proposal is not None
    assert (proposal.who, proposal.outcome) == (ANN.login, "confirmed")

    bob = windows.open(desk.address, BOB).page
    bob.goto("/inbox")
    expect(bob.locator("main")).to_contain_text("Seven of ten customers say no.")
    bob.goto(f"/cases/{case_id_of(WORST)}")
    approve = bob.get_by_role("link", name="Approve")
    approve.focus()
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("dialog")).to_be_visible()
    bob.get_by_role("dialog").get_by_role("button", name="Approve").focus()
    bob.keyboard.press("Enter")
    expect(bob.locator(".headline").first).to_contain_text("closed")
    closing = desk.case(case_id_of(WORST)).closing
    assert closing is not None
    assert (closing.proposed_by, closing.approved_by) == (ANN.login, BOB.login)
    # She saw it happen in her own window, and nothing moved.
    expect(ann.locator(row(WORST))).to_contain_text("closed")


def test_a_decision_of_one_is_seen_by_the_other_and_the_focus_stays(
    desk: LivingDesk, windows: Windows
) -> None:
    ann, bob = (windows.open(desk.address, who).page for who in (ANN, BOB))
    for page in (ann, bob):
        page.goto("/cases")
    for _ in range(4):
        bob.keyboard.press("j")
    before = bob.evaluate("document.activeElement.textContent")
    order = bob.locator("#rows tr").evaluate_all("rows => rows.map((row) => row.id)")
    ann.keyboard.press("j")
    ann.keyboard.press("a")
    dialog = ann.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button").first.focus()
    ann.keyboard.press("Enter")
    expect(bob.locator(row(WORST))).to_contain_text("acknowledged")
    desk.tell([alert(950, Subject("agent", "agent-new"), "critical")])
    expect(bob.locator("#anew")).to_contain_text("1")
    assert bob.evaluate("document.activeElement.textContent") == before
    assert bob.locator("#rows tr").evaluate_all("rows => rows.map((row) => row.id)") == order
    bob.locator("#anew").press("Enter")
    expect(bob.locator("#rows tr").first).to_contain_text("agent-new")


def test_what_is_snoozed_wakes_when_new_evidence_comes(desk: LivingDesk, windows: Windows) -> None:
    page = windows.open(desk.address, ANN).page
    page.goto("/cases")
    page.keyboard.press("j")
    page.keyboard.press("s")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("textbox").fill("I wait for the system of the branch.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.goto("/cases?state=snoozed")
    expect(page.locator(row(WORST))).to_contain_text("snoozed")
    desk.tell([alert(900, WORST, "critical", version=3)])
    expect(page.locator(row(WORST))).to_contain_text("open")


def test_what_is_snoozed_wakes_by_the_clock(desk: LivingDesk, windows: Windows) -> None:
    page = windows.open(desk.address, ANN).page
    about = case_id_of(WORST)
    until = datetime.now(UTC) + timedelta(seconds=3)
    fields = {
        "decision_id": "short",
        "case_id": about,
        "occurred_at": datetime.now(UTC),
        "who": ANN.login,
        "role": ANN.role,
        "seen": {"alert-900": 1},
        "until": until,
        "reason": "For a moment.",
    }
    desk.decide([msgspec.convert(fields, Snooze, strict=False)])
    page.goto(f"/cases/{about}")
    expect(page.locator(".headline").first).to_contain_text("snoozed")
    page.wait_for_timeout(max(0, (until - datetime.now(UTC)).total_seconds() * 1_000 + 100))
    page.goto("/cases")
    expect(page.locator(row(WORST))).to_contain_text("open")


def test_names_are_only_text(desk: LivingDesk, windows: Windows) -> None:
    page = windows.open(desk.address, BOB).page
    subject = Subject("agent", HOSTILE)
    for address in ("/cases", f"/cases/{case_id_of(subject)}", "/inbox", "/overview", "/fairness"):
        page.goto(address)
        page.wait_for_timeout(50)
        assert page.locator("main img, main script:not([src])").count() == 0
    page.goto("/cases")
    shown = page.locator(row(subject)).get_by_role("link").first
    assert shown.text_content() == HOSTILE
    shown.click()
    assert HOSTILE in (page.locator("h1").text_content() or "")


def test_the_desk_away_and_back(desk: LivingDesk, windows: Windows) -> None:
    window = windows.open(desk.address, ANN)
    window.foresee("503|ERR_")
    page = window.page
    page.goto("/cases")
    lost = page.locator("#lost")
    expect(lost).to_be_hidden()
    desk.live.tell_hearing(hears=False)
    expect(lost).to_contain_text("Kafka has not answered the desk since ")
    expect(lost).to_be_visible()
    page.reload()
    expect(lost).to_be_visible()  # a page that is opened now hears it, too
    desk.live.tell_hearing(hears=True)
    expect(lost).to_be_hidden()
    desk.ready = False  # the broker does not answer: nothing may be shown
    answer = page.goto("/cases")
    assert answer is not None
    assert answer.status == 503
    assert WORST.id not in page.content()
    desk.ready = True
    page.reload()
    expect(page.locator(row(WORST))).to_be_visible()


def test_ten_thousand_cases(windows: Windows) -> None:
    with LivingDesk(behind_a_proxy(), agents(10_000)) as desk:
        page = windows.open(desk.address, ANN).page
        page.goto("/cases")
        expect(page.locator("main")).to_contain_text("10,000")
        page.keyboard.press("/")
        page.keyboard.type("agent-09999")
        page.keyboard.press("Enter")
        expect(page.locator("#rows tr")).to_have_count(1)
        page.locator("#rows a").first.press("Enter")
        expect(page.locator("h1")).to_contain_text("agent-09999")
