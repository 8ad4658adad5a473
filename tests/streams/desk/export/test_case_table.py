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
    {},
    {"state": "open"},
    {"site": "site-1", "severity": "critical"},
    {"pattern": "burst"},
)


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
    listed = ask(desk.address, f"/api/cases?{urlencode({**asked, 'limit': MOST_ROWS})}").json()
    assert [
        {
            name: ""
            if row[name] is None
            else str(row[name] if not name.endswith("_at") else datetime.fromisoformat(row[name]))
            for name in COLUMNS
        }
        for row in listed
    ] == [
        {
            name: str(datetime.fromisoformat(value)) if value and name.endswith("_at") else value
            for name, value in row.items()
        }
        for row in table(desk, **asked)
    ]


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
        rows = table(desk)
        assert len({row["case_id"] for row in rows}) == 1_200 + len(CASES)
        named = {one.id for lookup in desk.lookups for one in lookup.subjects}
        assert {row["subject_id"] for row in rows} <= named
        assert not any(lookup.more for lookup in desk.lookups)
        assert len(table(desk, limit="7")) == 7


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
        body = ask(desk.address, f"/cases.csv?{urlencode({'subject': subject.id})}").body
        return [one for sign in ",;|\t" for one in cells(body, sign) if is_formula(one)]


@pytest.mark.parametrize("start", STARTS[:7])
def test_no_cell_is_a_formula(start: str) -> None:
    assert formulas(start) == []


def test_a_table_that_computes_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "plain_cell", printable)
    assert formulas("=")
