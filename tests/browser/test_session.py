"""A session that ends: who was at work logs in again, and is where they were."""

from playwright.sync_api import expect

from tests.browser.windows import Windows
from tests.streams.access.login_at_hand import LoginAtHand
from tests.streams.desk.desk_at_hand import CASE_ID
from tests.streams.desk.login_desk import IDLE, Clock, login_desk


def test_a_session_that_has_ended(windows: Windows) -> None:
    clock = Clock()
    with LoginAtHand() as issuer, login_desk(issuer, clock) as desk:
        window = windows.open(desk.address)
        window.foresee("status of 401")  # of the page that asks to log in
        page = window.page
        page.goto(f"/cases/{CASE_ID}")
        page.get_by_role("link", name="Log in").press("Enter")
        expect(page).to_have_url(f"{desk.address}/cases/{CASE_ID}")
        name = page.locator("h1 bdi").text_content() or ""
        assert name
        clock.now += IDLE + 1
        page.reload()
        assert name not in page.content()
        expect(page.locator("main")).to_contain_text("your session has ended")
        page.get_by_role("link", name="Log in").press("Enter")
        expect(page).to_have_url(f"{desk.address}/cases/{CASE_ID}")
        expect(page.locator("h1 bdi")).to_have_text(name)
