"""One case as a file of its own, for personnel, for legal, or for the person it is about."""

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec
from aiohttp import web
from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from streams.desk.casefile.contents import CaseContents, CaseReader
from streams.desk.casefile.sales import SalesReader
from streams.desk.desk import Desk
from streams.desk.export.attachment import attachment
from streams.desk.export.hiding import Hiding, named_in
from streams.desk.gate import PERSON
from streams.desk.model.read_model import ReadModel
from streams.desk.site.page import environment, words_for
from streams.errors import AccessRefused, RequestRefused
from streams.reports.sentences import sentences_of

_STYLES: Final = ("desk.css", "case.css", "export.css")

_KIND: Final = "application/octet-stream"
"""Of the file, so that no browser shows it in the name of the desk: it is saved."""


class CaseFile:
    """Answers `/cases/ID/export.html`."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk
        self._reader: Final = CaseReader(desk.model, SalesReader(desk.model, desk.settings))

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/cases/{id}/export.html", self._export, allow_head=False)]

    async def _export(self, request: web.Request) -> web.StreamResponse:
        desk, person = self._desk, request[PERSON]
        shown = _customers_are_asked_for(request.query)
        if shown and person.role not in desk.customers_for:
            raise AccessRefused(403, f"ids of customers are not for the role {person.role}")
        desk.require_ready()
        now = datetime.now(UTC)
        found = await asyncio.to_thread(self._reader.contents, request.match_info["id"], now)
        known = desk.model.case(request.match_info["id"])
        if found is None or known is None:
            raise RequestRefused(404, "there is no such case now: look into the queue")
        t = words_for(request)
        hiding = Hiding(
            () if shown else named_in(found),
            lambda kind, number: t(f"export.{kind}", number=t.number(number)),
        )
        content = {
            "t": t,
            "hiding": hiding,
            "found": found,
            "row": found.row,
            "case": found.case,
            "shown": shown,
            "made": now,
            "person": person,
            "behind": desk.events_behind(),
            "sentences": {
                part.told.alert_id: sentences_of(part.alert)
                for part in found.parts
                if part.alert is not None
            },
            "style": _style(),
            "record": _record(known.record, hiding),
            "digests": [*_digests(found, known.record, desk.model)],
        }
        html = _environment().get_template("export/case.html").render(content)
        answer = attachment(html.encode(), f"aboveboard-case-{found.row.case_id}.html", _KIND)
        return await desk.witness.shown(request, found.shown(), found.alert_ids(), answer)


def _customers_are_asked_for(given: Mapping[str, str]) -> bool:
    for name in given:
        if name != "customers":
            raise RequestRefused(400, f"there is no parameter {name!r}: there is customers=shown")
    if given.get("customers", "") not in ("", "shown"):
        raise RequestRefused(400, "customers: write customers=shown, or leave it out")
    return bool(given.get("customers"))


@cache
def _environment() -> Environment:
    """Return where templates come from whose every text is hidden before it is escaped."""
    return environment().overlay(finalize=_hidden)


@pass_context
def _hidden(context: Context, value: object) -> object:
    """Hide ids in a text that goes into a file; markup is ours, and names nobody."""
    hiding = context.get("hiding")
    if isinstance(value, str) and not isinstance(value, Markup) and isinstance(hiding, Hiding):
        return hiding.text(value)
    return value


@cache
def _style() -> Markup:
    folder = files("streams.desk").joinpath("static")
    return Markup("\n".join(folder.joinpath(name).read_text("utf-8") for name in _STYLES))  # noqa: S704 - style sheets of ours


def _record(record: bytes, hiding: Hiding) -> str:
    """Return the record of the case as people read JSON."""
    hidden = msgspec.json.encode(hiding.record(msgspec.json.decode(record)))
    return msgspec.json.format(hidden, indent=2).decode()


def _digests(found: CaseContents, record: bytes, model: ReadModel) -> Iterator[tuple[str, str]]:
    """Yield the SHA-256 of each record that the file was made from, as it stands in its topic."""
    yield found.row.case_id, hashlib.sha256(record).hexdigest()
    for part in found.parts:
        alert = model.alert(part.told.alert_id)
        if alert is not None:
            yield part.told.alert_id, hashlib.sha256(alert.record).hexdigest()
