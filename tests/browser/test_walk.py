"""Two people over a real broker, the services as processes: what one decides the other sees.

And what they see while the broker is gone.
"""

import time
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from streams.errors import BrokerNotStarted
from streams.wire.topics import Topic
from tests.brokers.fixtures import do_without_kafka
from tests.brokers.real_kafka import RealKafka
from tests.browser.windows import Who, Windows
from tests.integration.cases.desk_work import alerts, send_alerts
from tests.integration.cases.test_case_service import is_ready as cases_are_ready
from tests.integration.desk.desk_process import Desk
from tests.integration.installation import Installation

ANN: Final = Who("ann.lee@bank.example", "reviewer")
BOB: Final = Who("bob.ray@bank.example", "approver")
PROXY: Final = {
    "mode": "proxy",
    "proxy_networks": "127.0.0.1/32",
}

SEEN_SECONDS: Final = 20.0
"""In which a decision is in the window of the other, on a machine that is busy with other tests."""


@pytest.fixture
def kafka() -> Iterator[RealKafka]:
    """Return a Kafka that may be killed; skip where there is none and none is due."""
    try:
        with RealKafka() as kafka:
            yield kafka
    except BrokerNotStarted as reason:
        do_without_kafka(reason)


@pytest.mark.integration
def test_two_people_over_a_real_broker(kafka: RealKafka, windows: Windows) -> None:
    installation = Installation(kafka.bootstrap, 2)
    installation.variables = {"look_every": "1"}
    send_alerts(installation, alerts()[:20])
    with installation.service("cases") as keeper, Desk(installation, **PROXY) as desk:
        keeper.wait_for(cases_are_ready)
        first, second = (windows.open(desk.address, who) for who in (ANN, BOB))
        for window in (first, second):
            window.foresee("503")  # of what Kafka does not take, and of pages while it is away
        ann, bob = first.page, second.page
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
        decide_without_kafka(ann, bob, kafka, installation)
        for page in (ann, bob):
            page.goto("about:blank")  # before the desk ends, and their streams with it


def decide_without_kafka(
    ann: Page, bob: Page, kafka: RealKafka, installation: Installation
) -> None:
    """Hold that an open page says so when Kafka is gone, and that a decision waits for it.

    Every page that is opened meanwhile says so, too: it shows nothing that may be old.
    """
    ann.goto("/cases")
    case = bob.url.rpartition("/")[2]
    lost = ann.locator("#lost")
    ann.keyboard.press("j")
    ann.keyboard.press("n")
    dialog = ann.get_by_role("dialog")
    text = dialog.get_by_role("textbox").last
    text.fill("Nobody picks up; I try again at noon.")
    kafka.kill()
    expect(lost).to_be_visible(timeout=1_000 * SEEN_SECONDS)
    expect(lost).to_contain_text("Kafka has not answered the desk since")
    for address in ("/overview", "/fairness", "/inbox", f"/cases/{case}"):
        bob.goto(address)
        expect(bob.locator("main")).to_contain_text("Kafka")
    dialog.locator("button.strong").press("Enter")
    expect(dialog).to_contain_text("Kafka", timeout=1_000 * SEEN_SECONDS)
    expect(text).to_have_value("Nobody picks up; I try again at noon.")
    kafka.start()
    expect(lost).to_be_hidden(timeout=1_000 * SEEN_SECONDS)
    bob.reload()
    expect(bob.locator(".headline").first).to_contain_text("closed")
    dialog.locator("button.strong").press("Enter")
    # Stored at once; whether it counts is shown as soon as the keeper of cases has Kafka again.
    expect(dialog.locator("button.strong")).to_be_hidden(timeout=1_000 * SEEN_SECONDS)
    decided = [record.value for record in installation.records(Topic.DECISIONS)]
    assert sum(b"at noon" in value for value in decided) == 1
    deadline = time.monotonic() + SEEN_SECONDS
    case = next(record.key.decode() for record in installation.records(Topic.DECISIONS)[-1:])
    ann.goto(f"/cases/{case}")
    while "at noon" not in ann.content():
        assert time.monotonic() < deadline, "the note does not count"
        ann.reload()
