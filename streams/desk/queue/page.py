"""The queue: the cases that wait, by urgency, and what of them changes while one looks."""

from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from detectors.cases.case import SEVERITIES
from streams.desk.desk import Desk
from streams.desk.gate import PERSON
from streams.desk.model.unfolded import unfolded_in
from streams.desk.offers import SEVERAL, decides
from streams.desk.queue.asked import ALL, asked_of
from streams.desk.queue.listing import (
    ROWS_A_PAGE,
    Viewer,
    counts_of,
    matching,
    rows_named,
    rows_of,
)
from streams.desk.site.page import page
from streams.errors import RequestRefused

_TABS: Final = (
    "",
    "open",
    "acknowledged",
    "proposed",
    "snoozed",
    "closed",
    "resolved",
    "withdrawn",
    ALL,
)
_MOST_IDS: Final = 100


class QueuePage:
    """Lists the cases that an address asks for."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/cases", self._queue, allow_head=False),
            web.get("/queue/rows", self._rows, allow_head=False),
        ]

    async def _queue(self, request: web.Request) -> web.StreamResponse:
        asked = asked_of(request.query.items())
        self._desk.require_ready()
        viewer = self._viewer(request)
        told = self._desk.live.told  # before the rows: what comes meanwhile is told again
        with self._desk.model.one_moment():
            rows = rows_of(self._desk.model, asked, viewer)
            counts = counts_of(self._desk.model, asked, viewer)
            unfolded = unfolded_in(self._desk.model, viewer.now)
        content = {
            "asked": asked,
            "told": told,
            "unfolded": unfolded,
            "rows": rows,
            "counts": counts,
            "pages": max(1, -(-counts.total // ROWS_A_PAGE)),
            "first": (asked.page - 1) * ROWS_A_PAGE + 1,
            "tabs": _TABS,
            "severities": SEVERITIES,
            "now": viewer.now,
            "kinds": SEVERAL if decides(request[PERSON]) else (),
        }
        answer = page(request, "queue.html", content)
        return await self._desk.witness.shown(request, [row.case for row in rows], (), answer)

    async def _rows(self, request: web.Request) -> web.StreamResponse:
        """Answer with the rows of ``shown``, and how many of ``others`` are asked for as well.

        The other parameters are those of the queue. Who is not on the page is only counted.
        """
        shown = _ids(request, "shown")
        others = _ids(request, "others")
        rest = [one for one in request.query.items() if one[0] not in ("shown", "others")]
        asked = asked_of(rest)
        self._desk.require_ready()
        viewer = self._viewer(request)
        with self._desk.model.one_moment():
            rows = rows_named(self._desk.model, shown, viewer)
            found = matching(self._desk.model, [*shown, *others], asked, viewer)
        content = {
            "rows": rows,
            "found": found,
            "new": len(found.intersection(others)),
            "now": viewer.now,
            "kinds": SEVERAL if decides(request[PERSON]) else (),
        }
        answer = page(request, "queue_rows.html", content)
        return await self._desk.witness.shown(request, [row.case for row in rows], (), answer)

    def _viewer(self, request: web.Request) -> Viewer:
        return Viewer(request[PERSON].login, datetime.now(UTC), self._desk.clocks)


def _ids(request: web.Request, name: str) -> list[str]:
    found = [one for one in request.query.get(name, "").split(",") if one]
    if len(found) > _MOST_IDS:
        raise RequestRefused(400, f"{name}: {_MOST_IDS} ids at most")
    return found
