"""What the overview counts is what the queue shows under the address that it links to."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Final

import pytest

from streams.access.local import LocalDoor
from streams.config.desk import DeskSettings
from streams.desk.filters import MOST_ROWS
from streams.desk.model.intake import Told
from streams.desk.overview import work
from streams.desk.overview.page import queue_address
from streams.desk.overview.work import work_in
from streams.desk.queue.asked import asked_of
from streams.desk.queue.listing import Viewer, rows_of
from streams.desk.waiting import clocks_of
from streams.wire.topics import Topic
from tests.integration.cases.desk_work import LAST, decisions, expected
from tests.streams.desk.desk_at_hand import NAMES, TOLD, DeskAtHand, ask
from tests.streams.desk.event_records import sale

CLOCKS: Final = clocks_of(DeskSettings())


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    decided = expected(TOLD, decisions(TOLD))
    with DeskAtHand(LocalDoor("viewer")) as found:
        found.model.take_in(Told(Topic.CASES_CURRENT, key, case) for key, case in decided.items())
        found.model.take_in([sale(f"agent-{number}", LAST) for number in range(60)])
        yield found


def shown(desk: DeskAtHand, address: str) -> int:
    answer = ask(desk.address, f"/api{address}&limit={MOST_ROWS}")
    assert answer.status == 200, answer.body
    return len(answer.json())


def differences(desk: DeskAtHand) -> list[str]:
    """Return where the overview and the queue count differently."""
    now = datetime.now(UTC)  # as the answers have it
    found = work_in(desk.model, now, CLOCKS)
    counted = {queue_address(): sum(found.cases.values())}
    counted |= {queue_address(state=state): number for state, number in found.states.items()}
    counted |= {
        queue_address(**{kind: place.name}): sum(place.cases.values())
        for kind, places in found.places.items()
        for place in places
        if place.name is not None
    }
    assert sum(counted.values()) > len(counted)
    asked = asked_of([("overdue", "1")])
    overdue = rows_of(desk.model, asked, Viewer("ann", now, CLOCKS))
    assert overdue
    told = [
        f"{address}: {number}"
        for address, number in counted.items()
        if shown(desk, address) != number
    ]
    sums = {
        sum(age.total for age in found.ages),
        sum(found.states.values()),
        counted[queue_address()],
    }
    told += [] if len(overdue) == found.overdue else [f"overdue: {found.overdue}"]
    return told if len(sums) == 1 else [*told, f"{sums}"]


def test_the_overview_counts_what_the_queue_shows(desk: DeskAtHand) -> None:
    assert differences(desk) == []


def test_a_count_of_other_cases_is_caught(
    desk: DeskAtHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_OPEN", "standing <> 'closed'")
    assert differences(desk)


def test_the_overview_names_nobody(desk: DeskAtHand) -> None:
    answer = ask(desk.address, "/overview")
    assert answer.status == 200, answer.body
    body = unescape(answer.body.decode())
    assert not NAMES & set(re.findall(r"[\w-]+", body))
    assert desk.lookups[-1].path == "/overview"


def test_what_is_hidden_stands_before_everything_else(desk: DeskAtHand) -> None:
    body = ask(desk.address, "/overview").body.decode()
    places = [body.index(name) for name in ('id="unseen"', 'id="age"', 'id="chance"', 'id="site"')]
    assert places == sorted(places)


def test_nothing_is_shown_before_all_was_read(desk: DeskAtHand) -> None:
    desk.ready = False
    try:
        assert ask(desk.address, "/overview").status == 503
    finally:
        desk.ready = True


@pytest.mark.parametrize("path", ["/overview", "/fairness"])
def test_a_page_runs_nothing_but_what_is_ours(desk: DeskAtHand, path: str) -> None:
    answer = ask(desk.address, path)
    assert answer.headers["content-security-policy"].startswith("default-src 'self';")
    for inline in (b" style=", b"<style", b" onclick=", b"javascript:"):
        assert inline not in answer.body
