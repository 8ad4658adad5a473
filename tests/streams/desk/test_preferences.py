"""Language and colours: chosen on every page, and kept by the browser, which comes back to it."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote, urlencode

import pytest

from streams.access.local import LocalDoor
from tests.streams.desk.browser_at_hand import FORM, BrowserAtHand
from tests.streams.desk.desk_at_hand import DeskAtHand
from tests.streams.desk.test_pages import PAGES

HERE: Final = "/cases?severity=warning"


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("reviewer")) as found:
        yield found


def choose(desk: DeskAtHand, browser: BrowserAtHand, to: str = "/", **fields: str) -> str:
    answer = browser.send(f"{desk.address}/preferences?{urlencode({'to': to})}", **fields)
    assert answer.status == 303
    return answer.headers["location"]


def test_pages_are_in_the_language_and_colours_that_somebody_chose(desk: DeskAtHand) -> None:
    browser = BrowserAtHand()
    assert '<html lang="en">' in browser.open(desk.address + HERE).body.decode()
    assert choose(desk, browser, to=HERE, language="de") == HERE
    assert choose(desk, browser, to=HERE, theme="dark") == HERE
    for path in (HERE, "/nowhere"):
        assert (
            '<html lang="de" data-theme="dark">' in browser.open(desk.address + path).body.decode()
        )
    choose(desk, browser, theme="auto", language="en")
    assert '<html lang="en">' in browser.open(desk.address + HERE).body.decode()


@pytest.mark.parametrize("path", PAGES)
def test_every_page_lets_people_choose_and_leads_them_back(desk: DeskAtHand, path: str) -> None:
    page = BrowserAtHand().open(desk.address + path).body.decode()
    if "<html" in page:  # not a part of one
        for name, value in (("language", "en"), ("language", "de"), ("theme", "auto")):
            assert f'<button name="{name}" value="{value}"' in page
        assert f'action="/preferences?to={quote(path)}"' in page


def test_nobody_is_led_away_and_nothing_else_is_kept(desk: DeskAtHand) -> None:
    browser = BrowserAtHand()
    assert choose(desk, browser, to="//evil.example", theme="light") == "/"
    assert browser.jar[desk.address] == {"theme": "light"}
    for wrong in ({"language": "fr"}, {"theme": "pink"}, {"theme": "x; Domain=example"}):
        assert browser.send(desk.address + "/preferences", **wrong).status == 422
    other = browser.ask(
        desk.address + "/preferences", [FORM, ("Origin", "https://other.example")], b"theme=dark"
    )
    assert other.status == 403
    assert browser.jar[desk.address] == {"theme": "light"}
