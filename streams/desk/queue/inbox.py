"""The inbox: proposals that wait for a second person."""

from datetime import UTC, datetime
from typing import Final, NamedTuple

from aiohttp import web

from detectors.cases.case import Proposal
from detectors.cases.person import same_person
from streams.desk.desk import Desk
from streams.desk.gate import PERSON
from streams.desk.model.read_model import read_case
from streams.desk.offers import offers
from streams.desk.queue.asked import asked_of
from streams.desk.queue.listing import Viewer, rows_of
from streams.desk.rows import CaseRow
from streams.desk.site.page import page

_WAITING: Final = asked_of([("state", "proposed")])


class Waiting(NamedTuple):
    """A case and the proposal that waits in it."""

    row: CaseRow
    proposal: Proposal


class InboxPage:
    """Lists the proposals of others, and one's own."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/inbox", self._inbox, allow_head=False)]

    async def _inbox(self, request: web.Request) -> web.StreamResponse:
        self._desk.require_ready()
        person = request[PERSON]
        viewer = Viewer(person.login, datetime.now(UTC), self._desk.clocks)
        with self._desk.model.one_moment():
            waiting = self._waiting(viewer)
        theirs: list[Waiting] = []
        yours: list[Waiting] = []
        for one in waiting:
            (yours if same_person(one.proposal.who, person.login) else theirs).append(one)
        content = {
            "sections": (("theirs", theirs), ("yours", yours)),
            "now": viewer.now,
            "rejects_only": any("approve" not in offers(one.row, person) for one in theirs)
            and any(offers(one.row, person) for one in theirs),
        }
        answer = page(request, "inbox.html", content)
        return await self._desk.witness.shown(request, [one.row for one in waiting], (), answer)

    def _waiting(self, viewer: Viewer) -> list[Waiting]:
        """Return the proposals that wait, the oldest first."""
        found = []
        for row in rows_of(self._desk.model, _WAITING, viewer):
            known = self._desk.model.case(row.case.case_id)
            proposal = None if known is None else read_case(known.record).proposal
            if proposal is not None:
                found.append(Waiting(row.case, proposal))
        return sorted(found, key=lambda one: (one.proposal.at, one.row.case_id))
