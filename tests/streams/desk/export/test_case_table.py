"""The table holds the rows that were asked for, computes nothing, and names nobody unnoticed."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import msgspec
import pytest

from detectors.alerts.alert import Subject
from detectors.cases.case import Case, case_id_of
from streams.access.local import LocalDoor
from streams.desk.export.case_table import COLUMNS
from streams.desk.filters import MOST_ROWS
from streams.desk.model.intake import Told
from streams.outputs import spreadsheet
from streams.printable import printable
from streams.wire.topics import Topic
from tests.streams.cli.alerts.test_spreadsheet import STARTS, cells, is_formula
from tests.streams.desk.desk_at_hand import CASES, DeskAtHand, ask

ASKED: Final[tuple[dict[str, str], ...]] = (
    {"state": "all"},
    {"state": "open"},
    {"site": "site-1", "severity": "critical", "state": "open,withdrawn"},
    {"pattern": "burst", "state": "all"},
)
MOMENTS: Final = ("opened_at", "updated_at", "until", "acknowledged_at", "waits_since")


@pytest.fixture(scope="module")
def desk() -> Iterator[DeskAtHand]:
    with DeskAtHand(LocalDoor("viewer")) as found:
        yield found


def table(desk: DeskAtHand, **asked: str) -> list[dict[str, str]]:
    answer = ask(desk.address, f"/cases.csv?{urlencode(asked)}")
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment;")
    rows = [*csv.DictReader(io.StringIO(answer.body.decode(), newline=""))]
    assert all([*row] == [*COLUMNS] for row in rows)
    return rows


@pytest.mark.parametrize("asked", ASKED)
def test_the_table_is_what_the_list_is(desk: DeskAtHand, asked: dict[str, str]) -> None:
    query = {name: value for name, value in asked.items() if value != "all"}
    listed = ask(desk.address, f"/api/cases?{urlencode({**query, 'limit': MOST_ROWS})}").json()

    def cell(name: str, value: object) -> object:
        if value in (None, ""):
            return None
        return datetime.fromisoformat(str(value)) if name in MOMENTS else str(value)

    assert sorted(
        [[cell(name, row[name]) for name in COLUMNS] for row in listed], key=str
    ) == sorted([[cell(*one) for one in row.items()] for row in table(desk, **asked)], key=str)


def test_the_table_stands_in_the_order_of_the_queue(desk: DeskAtHand) -> None:
    page = ask(desk.address, "/cases?q=agent-1").body.decode()
    rows = table(desk, q="agent-1")
    assert 1 < len(rows) < len(CASES)
    places = [page.index(f"/cases/{row['case_id']}") for row in rows]
    assert places == sorted(places)


def test_a_parameter_that_there_is_not_is_refused(desk: DeskAtHand) -> None:
    assert ask(desk.address, "/cases.csv?sate=open").status == 400


def many(number: int) -> Iterator[Told]:
    like = msgspec.json.decode(next(iter(CASES.values())), type=Case)
    for agent in range(number):
        subject = Subject("agent", f"many-{agent}")
        case = msgspec.structs.replace(like, subject=subject, case_id=case_id_of(subject))
        yield Told(Topic.CASES_CURRENT, case.case_id.encode(), msgspec.json.encode(case))


def test_all_that_is_asked_for_is_there_and_everybody_is_written_down() -> None:
    with DeskAtHand(LocalDoor("viewer")) as desk:
        desk.model.take_in(many(1_200))
        rows = table(desk, state="all")
        assert len({row["case_id"] for row in rows}) == 1_200 + len(CASES)
        named = {one.id for lookup in desk.lookups for one in lookup.subjects}
        assert {row["subject_id"] for row in rows} <= named
        assert not any(lookup.more for lookup in desk.lookups)


def formulas(start: str) -> list[str]:
    """Return what of a table about a subject of such a name a spreadsheet computes."""
    with DeskAtHand(LocalDoor("viewer")) as desk:
        subject = Subject("agent", f"{start}cmd|' /C calc'!A0")
        case = msgspec.structs.replace(
            msgspec.json.decode(next(iter(CASES.values())), type=Case),
            subject=subject,
            case_id=case_id_of(subject),
        )
        desk.model.take_in(
            [Told(Topic.CASES_CURRENT, case.case_id.encode(), msgspec.json.encode(case))]
        )
        body = ask(
            desk.address, f"/cases.csv?{urlencode({'subject': subject.id, 'state': 'all'})}"
        ).body
        return [one for sign in ",;|\t" for one in cells(body, sign) if is_formula(one)]


@pytest.mark.parametrize("start", STARTS[:7])
def test_no_cell_is_a_formula(start: str) -> None:
    assert formulas(start) == []


def test_a_table_that_computes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "plain_cell", printable)
    assert formulas("=")
