"""The cases that an address asks for, as CSV for a spreadsheet."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import msgspec
from aiohttp import web

from streams.desk.desk import Desk
from streams.desk.export.attachment import all_written_down, attachment
from streams.desk.filters import MOST_ROWS, filters_of
from streams.desk.model.read_model import ReadModel
from streams.desk.rows import CaseRow
from streams.outputs.spreadsheet import csv_row

COLUMNS: Final = CaseRow.__struct_fields__


class CaseTable:
    """Answers `/cases.csv`, with the filters of `/api/cases`; without a limit it is all of them."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/cases.csv", self._table, allow_head=False)]

    async def _table(self, request: web.Request) -> web.StreamResponse:
        given = [*request.query.items()]
        self._desk.require_ready()
        rows = _rows(self._desk.model, given, datetime.now(UTC))
        body = b"".join(map(csv_row, (COLUMNS, *map(_cells, rows))))
        answer = attachment(body, "aboveboard-cases.csv", "text/csv")
        return await all_written_down(self._desk.witness, request, rows, (), answer)


def _rows(model: ReadModel, given: Sequence[tuple[str, str]], now: datetime) -> list[CaseRow]:
    """Return the rows that are asked for, page after page, at one moment."""
    filters = filters_of("cases", given)
    if "limit" not in dict(given):
        filters = msgspec.structs.replace(filters, limit=MOST_ROWS)
    found: list[CaseRow] = []
    with model.one_moment():
        while True:
            page = model.case_page(filters, now)
            found += [row for row in page.rows if isinstance(row, CaseRow)]
            if page.end is None or "limit" in dict(given):
                return found
            filters = msgspec.structs.replace(filters, after=page.end)


def _cells(row: CaseRow) -> list[object]:
    return [
        value.isoformat() if isinstance(value, datetime) else value
        for value in msgspec.structs.astuple(row)
    ]
