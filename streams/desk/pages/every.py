"""Every page of the desk, and where it stands."""

from aiohttp import web

from streams.desk.desk import Desk
from streams.desk.export.audit import AuditTrail
from streams.desk.export.case_file import CaseFile
from streams.desk.export.case_table import CaseTable
from streams.desk.fairness.page import FairnessPage
from streams.desk.overview.page import OverviewPage
from streams.desk.pages.case import CasePage
from streams.desk.pages.explain import ExplainPage
from streams.desk.pages.preferences import preferences
from streams.desk.pages.static import static
from streams.desk.queue.decide import DecidePage
from streams.desk.queue.inbox import InboxPage
from streams.desk.queue.page import QueuePage
from streams.desk.queue.several import SeveralPage


def page_routes(desk: Desk) -> list[web.RouteDef]:
    """Return what is answered to people where."""
    return [
        web.get("/", _start, allow_head=False),
        web.get("/static/{name:.+}", static, allow_head=False),
        web.get("/live", desk.live.stream, allow_head=False),
        web.post("/preferences", preferences),
        *QueuePage(desk).routes(),
        *SeveralPage(desk).routes(),
        *DecidePage(desk).routes(),
        *InboxPage(desk).routes(),
        *CasePage(desk).routes(),
        *ExplainPage(desk).routes(),
        *OverviewPage(desk).routes(),
        *FairnessPage(desk).routes(),
        *CaseTable(desk).routes(),
        *AuditTrail(desk).routes(),
        *CaseFile(desk).routes(),
    ]


async def _start(_: web.Request) -> web.Response:
    return web.Response(status=303, headers={"Location": "/cases"})
