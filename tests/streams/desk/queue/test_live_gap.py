"""A page misses nothing that happens between its making and its stream."""

import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import msgspec
import pytest

from streams.access.local import LocalDoor
from streams.desk.model.intake import Taken
from tests.streams.desk.desk_at_hand import CASE_ID, DeskAtHand, ask

Headers = Mapping[str, str]

NONE: Headers = {}
CHANGED = Taken(frozenset({CASE_ID}), frozenset())


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("reviewer")) as found:
        yield found


def told_in(page: bytes) -> str:
    found = re.search(rb'<tbody id="rows" data-told="(\d+)"', page)
    assert found is not None
    return found[1].decode()


def first_of(
    desk: DeskAtHand, after: str, meanwhile: Taken | None = None, headers: Headers = NONE
) -> dict[str, object]:
    """Return what a page hears first of changes; `meanwhile` comes when it has been greeted."""
    parts = urlsplit(desk.address)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    with closing(connection):
        connection.request("GET", f"/live?after={after}", headers=dict(headers))
        answer = connection.getresponse()
        lines: list[str] = []
        while not any(line.startswith("event: changed") for line in lines[:-1]):
            lines.append(answer.readline().decode().strip())
            if meanwhile is not None and lines[-1] == "" and len(lines) == 3:  # after its hello
                desk.live.tell(meanwhile)
        found: dict[str, object] = msgspec.json.decode(lines[-1].removeprefix("data: "))
        number = answer.readline().decode().strip().removeprefix("id: ")
        return found | ({"id": number} if headers else {})


def test_what_changed_after_a_page_was_made_is_told_to_its_stream(desk: DeskAtHand) -> None:
    after = told_in(ask(desk.address, "/cases").body)
    desk.live.tell(CHANGED)
    assert first_of(desk, after) == {"all": False, "cases": [CASE_ID], "alerts": []}


def test_what_a_page_shows_is_not_told_again(desk: DeskAtHand) -> None:
    desk.live.tell(CHANGED)
    after = told_in(ask(desk.address, "/cases").body)
    later = Taken(frozenset({"later"}), frozenset())
    assert first_of(desk, after, later)["cases"] == ["later"]


def test_a_stream_that_comes_back_goes_on_after_what_it_has_heard(desk: DeskAtHand) -> None:
    """A page that is open for long: what it has heard since is not told to it once more."""
    for _ in range(120):
        desk.live.tell(CHANGED)
    heard = str(desk.live.told)
    desk.live.tell(Taken(frozenset({"meanwhile"}), frozenset()))
    found = first_of(desk, "0", headers={"Last-Event-ID": heard})
    assert found == {"all": False, "cases": ["meanwhile"], "alerts": [], "id": str(desk.live.told)}


@pytest.mark.parametrize("after", ["999999", "0"])
def test_who_is_of_another_start_or_far_behind_reads_all_anew(desk: DeskAtHand, after: str) -> None:
    for _ in range(120):  # more than is remembered
        desk.live.tell(CHANGED)
    assert first_of(desk, after)["all"] is True


@pytest.mark.parametrize("after", ["", "-1", "x", "9" * 30, "%C2%B2"])
def test_what_is_no_number_is_passed_over(desk: DeskAtHand, after: str) -> None:
    desk.live.tell(CHANGED)
    later = Taken(frozenset({"later"}), frozenset())
    assert first_of(desk, after, later)["cases"] == ["later"]


def test_many_changes_at_once_are_one_word(desk: DeskAtHand) -> None:
    after = told_in(ask(desk.address, "/cases").body)
    desk.live.tell(Taken(frozenset(f"case {n}" for n in range(600)), frozenset()))
    assert first_of(desk, after) == {"all": True, "cases": [], "alerts": []}
