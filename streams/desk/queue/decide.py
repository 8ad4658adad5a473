"""The forms in which people decide about a case, and what became of what they sent."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import msgspec
from aiohttp import web

from detectors.cases.case import Case, Entry
from streams.desk.deciding import decision_of
from streams.desk.desk import Desk
from streams.desk.forms import form_of
from streams.desk.gate import PERSON
from streams.desk.model.read_model import read_case
from streams.desk.offers import Kind, offers
from streams.desk.queue.changes import changes_in_words
from streams.desk.queue.form_reading import KEPT, body_of, decision_id_of, ends_of, seen_in
from streams.desk.queue.judging import entry_of, judged
from streams.desk.rows import CaseRow, at_the_time
from streams.desk.site.page import page, words_for
from streams.desk.site.words import Words
from streams.errors import AccessRefused, RequestRefused

FRAGMENT: Final = "X-Fragment"
"""A script that wants the form alone, without the frame of a page, sends this header."""


_FURTHER: Final[tuple[Kind, ...]] = ("approve", "reject", "propose", "reopen")


class DecidePage:
    """The form of one decision about one case."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/cases/{id}/decide", self._form, allow_head=False),
            web.post("/cases/{id}/decide", self._decide),
        ]

    async def _form(self, request: web.Request) -> web.StreamResponse:
        shown = self._shown(request)
        kind = request.query.get("kind", "")
        if kind == "decide":  # the key `d`: whatever takes the case further
            kind = next((one for one in _FURTHER if one in shown.offers), "propose")
        return await self._answer(request, shown, kind, request.query, status=200)

    async def _decide(self, request: web.Request) -> web.StreamResponse:
        fields = {name: str(value) for name, value in (await form_of(request)).items()}
        shown, person = self._shown(request), request[PERSON]
        kind, case = fields.get("kind", ""), shown.case
        decision_id = decision_id_of(fields.get("once", ""), case.case_id, person)
        before = entry_of(case, decision_id)
        if before is None:
            if kind != "note" and fields.get("version") != str(case.version):
                problem = words_for(request)("decide.changed")
                return await self._answer(request, shown, kind, fields, problem)
            offered = next((one for one in shown.offers if one == kind), None)
            if offered is None:
                return await self._answer(request, shown, kind, fields)
            try:
                await self._store(request, shown, offered, fields, decision_id)
            except (AccessRefused, RequestRefused) as error:
                problem = words_for(request)("decide.problem")
                answered = (request, shown, kind, fields, problem, error.status)
                return await self._answer(*answered, detail=str(error))
        return await self._became(request, kind, fields, decision_id)

    async def _store(
        self,
        request: web.Request,
        shown: "_Shown",
        kind: Kind,
        fields: Mapping[str, str],
        decision_id: str,
    ) -> None:
        person, now = request[PERSON], datetime.now(UTC)
        try:
            seen = msgspec.json.decode(fields.get("seen", ""))
        except (msgspec.DecodeError, RecursionError):
            raise RequestRefused(400, "the form says not what was seen: read it again") from None
        settings = self._desk.settings.cases
        body = body_of(kind, fields, seen, shown.case, person, now, settings)
        await self._desk.store(decision_of(body, shown.case.case_id, person, decision_id, now))

    async def _became(
        self, request: web.Request, kind: str, fields: Mapping[str, str], decision_id: str
    ) -> web.StreamResponse:
        case_id = request.match_info["id"]
        entry = (await judged(self._desk.model, {case_id: decision_id})).get(case_id)
        shown, t = self._shown(request), words_for(request)
        if entry is not None and entry.refused is not None:
            return await self._answer(
                request, shown, kind, fields, became(entry, t), own=decision_id
            )
        if entry is not None and FRAGMENT not in request.headers:
            place = f"{back_of(fields)}#case-{case_id}"
            return web.Response(status=303, headers={"Location": place})
        content = {
            "kind": kind,
            "row": shown.row,
            "said": became(entry, t),
            "done": entry is not None,
            "back": back_of(fields),
        }
        answer = part(request, "decide_done.html", content, 202 if entry is None else 200)
        return await self._desk.witness.shown(request, [shown.row], (), answer)

    async def _answer(
        self,
        request: web.Request,
        shown: "_Shown",
        kind: str,
        fields: Mapping[str, str],
        problem: str = "",
        status: int = 409,
        own: str = "",
        detail: str = "",
    ) -> web.StreamResponse:
        """Return the form with what was typed, if this decision is open to the person."""
        case = shown.case
        version = fields.get("version", "")
        told = int(version) if version.isascii() and version.isdecimal() else case.version
        content = {
            "kind": kind if kind in shown.offers else "",
            "rows": [shown.row],
            "action": f"/cases/{case.case_id}/decide",
            "seen": msgspec.json.encode(seen_in(case)).decode(),
            "version": case.version,
            "proposal": case.proposal,
            "changes": changes_in_words(
                (one for one in case.history[told:] if own != one.decision_id), words_for(request)
            ),
            **form_content(self._desk, kind, fields, problem, detail),
        }
        code = status if problem or kind not in shown.offers else 200
        answer = part(request, "decide_form.html", content, code)
        return await self._desk.witness.shown(request, [shown.row], shown.alert_ids, answer)

    def _shown(self, request: web.Request) -> "_Shown":
        self._desk.require_ready()
        known = self._desk.model.case(request.match_info["id"])
        if known is None:
            raise RequestRefused(404, "there is no such case now: look into the queue")
        row = at_the_time(known.row, datetime.now(UTC))
        case = read_case(known.record)
        return _Shown(row, case, known.alert_ids, offers(row, request[PERSON]))


class _Shown(msgspec.Struct, frozen=True):
    """A case as it stands, and what the person may decide about it."""

    row: CaseRow
    case: Case
    alert_ids: Sequence[str]
    offers: Sequence[Kind]


def form_content(
    desk: Desk, kind: str, fields: Mapping[str, str], problem: str, detail: str = ""
) -> dict[str, object]:
    """Return what every form of a decision is filled with."""
    return {
        "ends": ends_of(kind, desk.settings.cases),
        "explanations": desk.settings.cases.explanations,
        "kept": {name: fields.get(name, "") for name in KEPT},
        "once": uuid4().hex,
        "problem": problem,
        "detail": detail,  # in English
        "back": back_of(fields),
    }


def back_of(fields: Mapping[str, str]) -> str:
    """Return where to go afterwards: a page of the desk, whatever a form says."""
    wanted = fields.get("back", "")
    known = wanted.partition("?")[0].split("/")[:2] in (["", "cases"], ["", "inbox"])
    return (
        wanted
        if known and wanted.isascii() and wanted.isprintable() and not set(wanted) & {"\\", "#"}
        else "/cases"
    )


def part(
    request: web.Request, template: str, content: Mapping[str, Any], status: int
) -> web.Response:
    """Return a template alone for a script that asks so, else as a page."""
    if FRAGMENT in request.headers:
        return page(request, template, content, status=status)
    return page(request, "decide_page.html", {**content, "part": template}, status=status)


def became(entry: Entry | None, t: Words) -> str:
    """Return what became of a decision, in words."""
    if entry is None:
        return t("decide.stored")
    if entry.refused is None:
        return t("decide.counted")
    return t("decide.refused", reason=t(f"refused.{entry.refused}"))
