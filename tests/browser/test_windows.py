"""The harness notices what goes wrong in a window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from streams.access.local import LocalDoor
from tests.browser.windows import Windows
from tests.streams.desk.desk_at_hand import DeskAtHand

WRONG = {
    "thrown": "setTimeout(() => { throw new Error('thrown') })",
    "dialog": "setTimeout(() => alert('dialog'))",
    "Content Security Policy": "document.body.insertAdjacentHTML('beforeend', "
    "'<img src=\"https://elsewhere.example/a.png\">')",
    "404": "fetch('/static/nothing.js')",
}


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("viewer")) as found:
        yield found


@pytest.mark.parametrize("sign", WRONG)
def test_what_goes_wrong_is_told(desk: DeskAtHand, chromium: Browser, sign: str) -> None:
    windows = Windows(chromium)
    page = windows.open(desk.address).page
    page.goto("/cases")
    page.evaluate(f"() => {{ {WRONG[sign]} }}")
    page.wait_for_timeout(100)
    assert any(sign in complaint for complaint in windows.close())


def test_what_is_foreseen_passes_and_nothing_else(desk: DeskAtHand, chromium: Browser) -> None:
    windows = Windows(chromium)
    window = windows.open(desk.address)
    window.foresee("status of 404")
    window.page.goto("/cases")
    window.page.evaluate("fetch('/static/nothing.js').then(() => console.error('other'))")
    window.page.wait_for_timeout(100)
    assert windows.close() == ["console: other"]
