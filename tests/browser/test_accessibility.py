"""Everybody can use every page, in either theme, whatever they see with and point with."""

from collections.abc import Iterator

import pytest

from streams.access.local import LocalDoor
from tests.browser.audit import serious_violations
from tests.browser.windows import NARROW, THEMES, WIDE, Theme, Windows
from tests.streams.desk.desk_at_hand import DeskAtHand
from tests.streams.desk.test_pages import PAGES


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("approver")) as found:
        yield found


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_serious(
    desk: DeskAtHand, windows: Windows, axe: str, theme: Theme
) -> None:
    page = windows.open(desk.address, theme=theme).page
    found = {}
    for path in PAGES:
        for size in (WIDE, NARROW):
            page.set_viewport_size(size)
            page.goto(path)
            found[path, size["width"]] = serious_violations(page, axe)
    assert {place: serious for place, serious in found.items() if serious} == {}


def test_a_page_that_hinders_people_is_caught(desk: DeskAtHand, windows: Windows, axe: str) -> None:
    page = windows.open(desk.address).page
    page.goto(PAGES[0])
    page.evaluate(
        """document.querySelector("main").innerHTML = '<input><img src="/static/desk.css">'"""
    )
    assert {found.split()[0] for found in serious_violations(page, axe)} == {"label", "image-alt"}


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_cut_off_in_a_narrow_window(
    desk: DeskAtHand, windows: Windows, path: str
) -> None:
    page = windows.open(desk.address, size=NARROW).page
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
