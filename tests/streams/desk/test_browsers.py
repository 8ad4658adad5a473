"""What browsers are told: errors as pages, links of others opened, their forms refused."""

from collections.abc import Iterator
from typing import Final

import pytest

from streams.access.local import LocalDoor
from tests.streams.desk.desk_at_hand import CASE_ID, NAMES, Answer, DeskAtHand, ask
from tests.streams.desk.test_pages import PAGES
from tests.streams.desk.test_strangers import BROWSER

LINK: Final = [
    BROWSER,
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
]
"""What a browser sends for a link in a mail, or on a dashboard."""

FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("reviewer")) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_a_link_on_another_site_opens_a_page(desk: DeskAtHand, path: str) -> None:
    assert ask(desk.address, path, LINK).status == 200
    assert ask(desk.address, path, [*LINK, ("Origin", "https://other.example")]).status == 403


def test_a_form_of_another_site_is_refused_though_it_opens_a_page(desk: DeskAtHand) -> None:
    before = len(desk.decisions)
    path = f"/api/cases/{CASE_ID}/decisions"
    for headers in (LINK, [*LINK, FORM], [*LINK, ("Content-Type", "application/json")]):
        assert ask(desk.address, path, headers, body=b"kind=note").status == 403
    assert len(desk.decisions) == before


def test_a_browser_names_the_origin_of_our_own_forms_and_tells_others_of_no_page(
    desk: DeskAtHand,
) -> None:
    # Fetch Standard, "append a request Origin header": under no-referrer it would be null.
    for path in (*PAGES, "/nowhere", "/api/cases"):
        assert ask(desk.address, path, [BROWSER]).headers["referrer-policy"] == "same-origin"


def said(answer: Answer) -> str:
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    return answer.body.decode()


def test_an_error_is_a_page_to_a_browser_and_problem_json_to_a_program(desk: DeskAtHand) -> None:
    for path, status in (("/nowhere", 404), ("/cases?limit=0", 400), ("/cases/none", 404)):
        page = ask(desk.address, path, [BROWSER])
        assert page.status == status
        assert said(page).startswith("<!doctype html>")
        told = ask(desk.address, path, [("Accept", "*/*")])
        assert told.status == status
        assert told.headers["content-type"] == "application/problem+json"


def test_an_error_is_told_in_the_language_of_the_reader(desk: DeskAtHand) -> None:
    german = ask(desk.address, "/nowhere", [BROWSER, ("Accept-Language", "de-AT,en;q=0.5")])
    assert "Diese Seite gibt es nicht" in said(german)
    assert "There is no such page" in said(ask(desk.address, "/nowhere", [BROWSER]))


def test_what_was_asked_is_only_text_in_the_page_of_an_error(desk: DeskAtHand) -> None:
    page = said(ask(desk.address, "/cases?%3Cscript%3E=1", [BROWSER]))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_before_everything_is_read_a_page_says_so_and_names_nobody() -> None:
    with DeskAtHand(LocalDoor("viewer")) as desk:
        desk.ready = False
        for path in PAGES:
            answer = ask(desk.address, path, [BROWSER])
            assert answer.status == 503
            assert not [name for name in NAMES if name in said(answer) and name not in path]


def test_files_of_ours_need_nobody_and_all_else_does(desk: DeskAtHand) -> None:
    nobody = ("Host", "desk.example")
    for name in ("desk.css", "desk.js", "vendor/htmx.min.js"):
        assert ask(desk.address, f"/static/{name}", [nobody]).status == 200
    for path in ("/static", "/static/", "/live", "/", "/nowhere"):
        assert ask(desk.address, path, [nobody]).status == 403
    for path in (
        "/static/../cases",
        "/static/..%2fcases",
        "/static/%2e%2e/cases",
        "/static//cases",
    ):
        answer = ask(desk.address, path, [nobody])
        assert answer.status in (403, 404)
