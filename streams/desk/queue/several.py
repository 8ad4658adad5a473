"""One decision a case about several of them: with one note, and each refusal told by case."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from aiohttp import web
from multidict import MultiDictProxy

from streams.desk.deciding import decision_of
from streams.desk.desk import Desk
from streams.desk.forms import form_of
from streams.desk.gate import PERSON
from streams.desk.model.read_model import read_case
from streams.desk.offers import SEVERAL, Kind, offers
from streams.desk.queue.decide import became, form_content, part
from streams.desk.queue.form_reading import body_of, decision_id_of, seen_in
from streams.desk.queue.judging import judged
from streams.desk.rows import CaseRow, at_the_time
from streams.desk.site.page import words_for
from streams.errors import AccessRefused, BrokerError, RequestRefused

MOST_CASES: Final = 500
_AT_ONCE: Final = 6


class Result(NamedTuple):
    """What became of the decision about one case; ``row`` is None where there is no such case."""

    case_id: str
    row: CaseRow | None
    said: str
    counted: bool


class SeveralPage:
    """Decisions about the cases that somebody has selected in the queue."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.post("/cases/choose", self._choose),
            web.post("/cases/decide", self._decide),
        ]

    async def _choose(self, request: web.Request) -> web.StreamResponse:
        """Answer with the form of one decision about all that are selected."""
        fields = await form_of(request)
        return await self._form(request, fields, "", 200)

    async def _decide(self, request: web.Request) -> web.StreamResponse:
        fields = await form_of(request)
        kind, chosen = _kind(fields), _chosen(fields)
        self._desk.require_ready()
        plain = {name: str(value) for name, value in fields.items()}
        stored: dict[str, str] = {}
        failed: dict[str, str] = {}
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(case_id: str, version: int) -> None:
            async with limit:
                try:
                    stored[case_id] = await self._store(request, kind, plain, case_id, version)
                except (AccessRefused, RequestRefused, BrokerError) as error:
                    failed[case_id] = str(error)

        if not chosen:
            return await self._form(request, fields, words_for(request)("decide.none_chosen"), 422)
        await asyncio.gather(*(one(*case) for case in chosen))
        if not stored and len(set(failed.values())) == 1:
            # All for one reason, such as words that are missing: the form keeps what was typed.
            (reason,) = set(failed.values())
            return await self._form(request, fields, reason, 422)
        return await self._results(
            request, plain, [case_id for case_id, _ in chosen], stored, failed
        )

    async def _store(
        self,
        request: web.Request,
        kind: Kind,
        fields: dict[str, str],
        case_id: str,
        version: int,
    ) -> str:
        """Store the decision about one case; return its id."""
        t, person, now = words_for(request), request[PERSON], datetime.now(UTC)
        known = self._desk.model.case(case_id)
        if known is None:
            raise RequestRefused(404, t("decide.gone"))
        if known.row.version != version:
            raise RequestRefused(409, t("decide.changed_short"))
        if kind not in offers(at_the_time(known.row, now), person):
            raise AccessRefused(403, t("decide.not_offered"))
        case = read_case(known.record)
        decision_id = decision_id_of(fields.get("once", ""), case_id, person)
        settings = self._desk.settings.cases
        # The version is the one that was selected: so this is what they saw.
        body = body_of(kind, fields, seen_in(case), case, person, now, settings)
        await self._desk.store(decision_of(body, case_id, person, decision_id, now))
        return decision_id

    async def _results(
        self,
        request: web.Request,
        fields: dict[str, str],
        case_ids: Sequence[str],
        stored: dict[str, str],
        failed: dict[str, str],
    ) -> web.StreamResponse:
        t = words_for(request)
        entries = await judged(self._desk.model, stored)
        results = []
        for case_id in case_ids:
            known = self._desk.model.case(case_id)
            entry = entries.get(case_id)
            said = failed.get(case_id) or became(entry, t)
            counted = entry is not None and entry.refused is None
            results.append(Result(case_id, None if known is None else known.row, said, counted))
        results.sort(key=lambda result: result.counted)
        content = {"results": results, "kind": "", **form_content(self._desk, "", fields, "")}
        content["done"] = all(result.counted for result in results)
        rows = [result.row for result in results if result.row is not None]
        answer = part(request, "decide_results.html", content, 200)
        return await self._desk.witness.shown(request, rows, (), answer)

    async def _form(
        self, request: web.Request, fields: MultiDictProxy[str], problem: str, status: int
    ) -> web.StreamResponse:
        kind, chosen = _kind(fields), _chosen(fields)
        self._desk.require_ready()
        now = datetime.now(UTC)
        found = [self._desk.model.case(case_id) for case_id, _ in chosen]
        rows = [at_the_time(known.row, now) for known in found if known is not None]
        if not rows:
            problem, status = words_for(request)("decide.none_chosen"), 422
        plain = {name: str(value) for name, value in fields.items()}
        content = {
            "kind": kind if rows else "",
            "rows": rows,
            "action": "/cases/decide",
            "seen": "",
            "version": "",
            "chosen": [f"{case_id}@{version}" for case_id, version in chosen],
            "proposal": None,
            "changes": (),
            **form_content(self._desk, kind, plain, problem),
        }
        answer = part(request, "decide_form.html", content, status)
        return await self._desk.witness.shown(request, rows, (), answer)


def _kind(fields: MultiDictProxy[str]) -> Kind:
    for kind in SEVERAL:
        if kind == fields.get("kind"):
            return kind
    raise RequestRefused(400, f"kind: one of {', '.join(SEVERAL)} is for several cases")


def _chosen(fields: MultiDictProxy[str]) -> list[tuple[str, int]]:
    """Return the ids and versions of the cases that are selected, each once."""
    found: dict[str, int] = {}
    for text in fields.getall("case", []):
        case_id, _, version = str(text).rpartition("@")
        if not case_id or not (version.isascii() and version.isdecimal()):
            raise RequestRefused(400, "case: write ID@VERSION, as the queue does")
        found.setdefault(case_id, int(version[:12]))
    if len(found) > MOST_CASES:
        raise RequestRefused(400, f"{MOST_CASES} cases at most at once")
    return list(found.items())
