"""The overview: first and largest what could not be seen, then the work and how well it goes."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from detectors.cases.case import SEVERITIES
from streams.desk.desk import Desk
from streams.desk.overview.chance import Chance, chance_in
from streams.desk.overview.minutely import Minutely
from streams.desk.overview.remarks import remarks
from streams.desk.overview.unseen import Unseen, unseen_in
from streams.desk.overview.work import TO_DO, BySeverity, Work, work_in
from streams.desk.site.page import page, words_for

_MOST_HOLES: Final = 8
_MOST_PLACES: Final = 12

WORST_FIRST: Final = tuple(reversed(SEVERITIES))


class _Figures(NamedTuple):
    at: datetime
    unseen: Unseen
    work: Work
    chance: Chance


class OverviewPage:
    """Shows the whole; it names nobody."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._figures: Final = Minutely(self._made)

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/overview", self._overview, allow_head=False)]

    async def _overview(self, request: web.Request) -> web.StreamResponse:
        self._desk.require_ready()
        figures = await self._figures.get()
        told = remarks(figures.unseen, self._desk.events_behind(), figures.at, words_for(request))
        content = {
            "at": figures.at,
            "remarks": told,
            "weight": told[0].weight if told else "good",
            "unseen": figures.unseen,
            "work": figures.work,
            "chance": figures.chance,
            "severities": WORST_FIRST,
            "queue": queue_address,
            "widths": _widths([age.cases for age in figures.work.ages]),
            "most_holes": _MOST_HOLES,
            "most_places": _MOST_PLACES,
        }
        answer = page(request, "overview/overview.html", content)
        return await self._desk.witness.shown(request, (), (), answer)

    def _made(self) -> _Figures:
        model, now = self._desk.model, datetime.now(UTC)
        with model.one_moment():
            return _Figures(
                now,
                unseen_in(model, now),
                work_in(model, now, self._desk.clocks),
                chance_in(model, self._desk.settings),
            )


def queue_address(**filters: str) -> str:
    """Return where the open cases stand that are asked for."""
    return f"/cases?{urlencode({'state': ','.join(TO_DO)} | filters, safe=',')}"


def _widths(rows: Sequence[BySeverity]) -> list[Mapping[str, float]]:
    """Return the share of the longest row that each severity of each row takes."""
    longest = max((sum(row.values()) for row in rows), default=0) or 1
    return [{name: number / longest for name, number in row.items()} for row in rows]
