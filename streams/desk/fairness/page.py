"""The page about fairness: it names groups and no person."""

from datetime import UTC, datetime
from math import log
from typing import Final, NamedTuple
from urllib.parse import urlencode

from aiohttp import web

from streams.desk.desk import Desk
from streams.desk.fairness.agents import agents_in
from streams.desk.fairness.groups import LIMIT, SMALLEST, Groups, comparisons, groups_of
from streams.desk.overview.minutely import Minutely
from streams.desk.site.page import page

_WIDTH: Final = 160.0
_FARTHEST: Final = 8.0
"""Times and parts of the share of all others that the picture reaches to."""


class _Figures(NamedTuple):
    at: datetime
    agents: int
    warned: int
    unknown: int
    groups: Groups


class FairnessPage:
    """Shows alert rates by group."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._figures: Final = Minutely(self._made)

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/fairness", self._fairness, allow_head=False)]

    async def _fairness(self, request: web.Request) -> web.StreamResponse:
        self._desk.require_ready()
        figures = await self._figures.get()
        compared = [*comparisons(figures.groups)]
        content = {
            "figures": figures,
            "behind": self._desk.events_behind(),
            "compared": len(compared),
            "apart": [one for one in compared if one.finding in ("higher", "lower")],
            "little": sum(one.finding == "little" for one in compared),
            "limit": LIMIT,
            "smallest": SMALLEST,
            "x": _place,
            "address": _address,
        }
        answer = page(request, "fairness/fairness.html", content)
        return await self._desk.witness.shown(request, (), (), answer)

    def _made(self) -> _Figures:
        with self._desk.model.one_moment():
            found = agents_in(self._desk.model)
        return _Figures(
            datetime.now(UTC),
            len(found.selling),
            sum(agent.warned for agent in found.selling),
            found.unknown,
            groups_of(found.selling),
        )


def _place(times: float) -> str:
    """Return where a multiple lies in the picture: once is in the middle, the scale is that of log.

    What lies farther out than the picture reaches stands at its edge.
    """
    share = log(times) / log(_FARTHEST) if times > 0 else -1.0
    return f"{_WIDTH / 2 * (1 + max(-1.0, min(1.0, share))):.1f}"


def _address(dimension: str, name: str) -> str:
    """Return where the cases of a group stand; empty where the queue cannot be asked for it."""
    return f"/cases?{urlencode({dimension: name})}" if dimension in ("site", "team") else ""
