"""Two people over a real broker, the services as processes: what one decides the other sees."""

import time
from typing import Final

import pytest
from playwright.sync_api import expect

from streams.wire.topics import Topic
from tests.brokers.selection import AvailableBroker
from tests.browser.windows import Who, Windows
from tests.integration.cases.desk_work import alerts, send_alerts
from tests.integration.cases.test_case_service import is_ready as cases_are_ready
from tests.integration.desk.desk_process import Desk
from tests.integration.installation import install

ANN: Final = Who("ann.lee@bank.example", "reviewer")
BOB: Final = Who("bob.ray@bank.example", "approver")
PROXY: Final = {
    "mode": "proxy",
    "proxy_networks": "127.0.0.1/32",
}

SEEN_SECONDS: Final = 20.0
"""In which a decision is in the window of the other, on a machine that is busy with other tests."""


@pytest.mark.integration
def test_two_people_over_a_real_broker(broker: AvailableBroker, windows: Windows) -> None:
    installation = install(broker, 2)
    send_alerts(installation, alerts()[:20])
    with installation.service("cases") as keeper, Desk(installation, **PROXY) as desk:
        keeper.wait_for(cases_are_ready)
        ann, bob = (windows.open(desk.address, who).page for who in (ANN, BOB))
        for page in (ann, bob):
            page.goto("/cases")
            page.reload()  # the first may have come before the keeper had judged all
        ann.keyboard.press("j")
        place = ann.evaluate("document.activeElement.closest('tr').id")
        ann.keyboard.press("d")
        dialog = ann.get_by_role("dialog")
        expect(dialog).to_be_visible()
        ann.keyboard.press("Space")
        dialog.get_by_role("textbox").last.fill("Seven of ten customers say no.")
        ann.keyboard.press("Tab")
        ann.keyboard.press("Enter")
        began = time.monotonic()
        expect(bob.locator(f"#{place}")).to_contain_text(
            "proposed: confirmed", timeout=1_000 * SEEN_SECONDS
        )
        print(f"seen after {time.monotonic() - began:.3f} s")  # noqa: T201 - shown by pytest -s
        expect(dialog).to_be_hidden()
        bob.goto(f"/cases/{place.removeprefix('case-')}")
        bob.get_by_role("link", name="Approve").press("Enter")
        bob.get_by_role("dialog").get_by_role("button", name="Approve").press("Enter")
        expect(bob.locator(".headline").first).to_contain_text("closed")
        assert len(installation.records(Topic.DECISIONS)) == 2
        assert {ANN.login, BOB.login} <= {
            record.key.decode() for record in installation.records(Topic.LOOKUPS)
        }
        for page in (ann, bob):
            page.goto("about:blank")  # before the desk ends, and their streams with it
