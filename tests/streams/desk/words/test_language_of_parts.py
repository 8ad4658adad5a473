"""In a German page every part in English is marked as such (WCAG 2.2, 3.1.2)."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Final

import pytest

from streams.access.local import LocalDoor
from tests.streams.desk.desk_at_hand import CASE_ID, DeskAtHand, ask
from tests.streams.desk.queue.kept_desk import CASE_ID as OPEN_ID

GERMAN: Final = ("Accept-Language", "de")

ENGLISH: Final = re.compile(
    r"\b(the|of|and|were|that|with|from|been|would|their|they|this|not|is|are|to)\b"
)
"""Words that no German sentence has."""

PAGES: Final = (
    "/cases",
    "/cases?state=all",
    f"/cases/{CASE_ID}",
    f"/cases/{OPEN_ID}",
    f"/cases/{OPEN_ID}/decide?kind=propose",
    f"/cases/{OPEN_ID}/decide?kind=snooze",
    f"/cases/{CASE_ID}/export.html",
    "/inbox",
    "/overview",
    "/fairness",
    "/cases/nothing",
    "/cases?severity=none",
)
VOID: Final = frozenset(("meta", "link", "br", "input", "col", "img", "hr", "wbr"))
NO_WORDS: Final = frozenset(("script", "style", "code", "bdi", "kbd", "option"))
"""Names and ids, and the options that name sites and teams."""


class Parts(HTMLParser):
    """Collects the texts that a reader takes to be in the language of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: Final = list[str]()
        self._open: Final = list[bool]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note whether what is in an element is in another language, or in none."""
        if tag not in VOID:
            language = dict(attrs).get("lang")
            self._open.append(language not in (None, "de") or tag in NO_WORDS)

    def handle_endtag(self, tag: str) -> None:
        """Leave the element."""
        if tag not in VOID:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Keep a text, unless it is marked."""
        if not any(self._open):
            self.texts.append(" ".join(data.split()))


def unmarked(page: str) -> list[str]:
    parts = Parts()
    parts.feed(page)
    return [text for text in parts.texts if ENGLISH.search(text)]


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("approver")) as found:
        yield found


@pytest.mark.parametrize("path", PAGES)
def test_no_english_passes_for_german(desk: DeskAtHand, path: str) -> None:
    answer = ask(desk.address, path, [("Accept", "text/html"), GERMAN]).body.decode()
    assert '<html lang="de"' in answer
    assert unmarked(answer) == []


def test_english_that_is_not_marked_is_caught() -> None:
    text = "<p>of 46 sales since May, 21 were never used</p>"
    assert unmarked(f"<main lang='de'>{text}<br></main>")
    assert not unmarked(
        f"<main lang='de'><div lang='en'>{text}</div><p>Das sind Verkäufe</p></main>"
    )
