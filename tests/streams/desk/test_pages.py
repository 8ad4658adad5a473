"""The pages: who they name is written down first, and what stands in them is only text."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
from aiohttp import web

from streams.access.local import LocalDoor
from streams.desk.witness import Witness
from tests.streams.desk.desk_at_hand import CASE_ID, NAMES, DeskAtHand, ask
from tests.streams.desk.queue.kept_desk import CASE_ID as OPEN_ID

PAGES: Final = (
    "/cases",
    f"/cases/{CASE_ID}",
    f"/queue/rows?shown={CASE_ID}",
    f"/cases/{OPEN_ID}/decide?kind=propose",
)


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("reviewer")) as found:
        yield found


def unaccounted(desk: DeskAtHand, path: str) -> set[str]:
    """Return whom a page names and no lookup of it does."""
    before = len(desk.lookups)
    answer = ask(desk.address, path)
    assert answer.status == 200, answer.body
    told: set[str] = set()
    for lookup in desk.lookups[before:]:
        told |= {*lookup.case_ids, *lookup.alert_ids, *(one.id for one in lookup.subjects)}
    words = set(re.findall(r"[\w-]+", answer.body.decode()))
    return (words & NAMES) - told


@pytest.mark.parametrize("path", PAGES)
def test_whom_a_page_names_is_written_down(desk: DeskAtHand, path: str) -> None:
    assert unaccounted(desk, path) == set()


class _PagesAreFree(Witness):
    async def shown(self, _request: web.Request, *rest: Any) -> Any:  # noqa: ANN401 - as the desk has it
        return rest[-1]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_not_written_down_is_caught(path: str) -> None:
    with DeskAtHand(LocalDoor("viewer"), witness=_PagesAreFree) as desk:
        assert unaccounted(desk, path)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_but_what_is_ours(desk: DeskAtHand, path: str) -> None:
    answer = ask(desk.address, path)
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    assert answer.headers["cache-control"] == "no-store"
    for inline in (b" style=", b"<style", b" onclick=", b"javascript:"):
        assert inline not in answer.body
