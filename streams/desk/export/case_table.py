"""The cases that an address asks for, as CSV for a spreadsheet."""

import asyncio
from datetime import UTC, datetime
from itertools import count
from typing import Final

import msgspec
from aiohttp import web

from streams.desk.desk import Desk
from streams.desk.export.attachment import all_written_down, attachment
from streams.desk.gate import PERSON
from streams.desk.model.read_model import ReadModel
from streams.desk.queue.asked import Asked, asked_of
from streams.desk.queue.listing import ROWS_A_PAGE, Viewer, rows_of
from streams.desk.rows import CaseRow
from streams.outputs.spreadsheet import csv_row

COLUMNS: Final = CaseRow.__struct_fields__


class CaseTable:
    """Answers `/cases.csv`, with the parameters of the queue: all of its pages in one."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/cases.csv", self._table, allow_head=False)]

    async def _table(self, request: web.Request) -> web.StreamResponse:
        asked = asked_of(request.query.items())
        self._desk.require_ready()
        viewer = Viewer(request[PERSON].login, datetime.now(UTC), self._desk.clocks)
        rows = await asyncio.to_thread(_rows, self._desk.model, asked, viewer)
        body = b"".join(map(csv_row, (COLUMNS, *map(_cells, rows))))
        answer = attachment(body, "aboveboard-cases.csv", "text/csv")
        return await all_written_down(self._desk.witness, request, rows, (), answer)


def _rows(model: ReadModel, asked: Asked, viewer: Viewer) -> list[CaseRow]:
    """Return the rows that are asked for, page after page, at one moment."""
    found: list[CaseRow] = []
    with model.one_moment():
        for number in count(1):
            page = rows_of(model, msgspec.structs.replace(asked, page=number), viewer)
            found += [row.case for row in page]
            if len(page) < ROWS_A_PAGE:
                break
    return found


def _cells(row: CaseRow) -> list[object]:
    return [
        value.isoformat() if isinstance(value, datetime) else value
        for value in msgspec.structs.astuple(row)
    ]
