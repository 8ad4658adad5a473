"""The audit trail: every decision that counts or was refused, to be replayed elsewhere."""

import asyncio
import hashlib
from base64 import b64encode
from datetime import UTC, datetime
from typing import Final

from aiohttp import web

from detectors.events.decision import Role
from streams.desk.desk import Desk
from streams.desk.export.attachment import all_written_down, attachment
from streams.desk.gate import PERSON
from streams.desk.model.conditions import Condition
from streams.desk.model.decisions import Decided, decisions_in
from streams.desk.rows import CaseRow
from streams.errors import AccessRefused

READERS: Final[tuple[Role, ...]] = ("auditor", "approver")


class AuditTrail:
    """Answers `/audit.jsonl`, to those who look after whoever decides."""

    def __init__(self, desk: Desk) -> None:
        self._desk: Final = desk

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [web.get("/audit.jsonl", self._trail, allow_head=False)]

    async def _trail(self, request: web.Request) -> web.StreamResponse:
        role = request[PERSON].role
        if role not in READERS:
            raise AccessRefused(
                403, f"the audit trail is for {' and '.join(READERS)}: you are {role}"
            )
        self._desk.require_ready()
        told, known = await asyncio.to_thread(self._read)
        body = b"".join(one.line for one in told)
        digest = hashlib.sha256(body)
        name = f"aboveboard-decisions-{digest.hexdigest()}.jsonl"
        answer = attachment(body, name, "application/jsonl")
        answer.headers["Repr-Digest"] = f"sha-256=:{b64encode(digest.digest()).decode()}:"
        about = {one.decision.case_id for one in told}
        rows = [row for row in known if row.case_id in about]
        alerts = sorted({alert_id for one in told for alert_id in one.decision.seen})
        return await all_written_down(self._desk.witness, request, rows, alerts, answer)

    def _read(self) -> tuple[list[Decided], list[CaseRow]]:
        model = self._desk.model
        with model.one_moment():
            told = [*decisions_in(model.ask, self._desk.settings)]
            return told, model.cases_where(Condition("1", {}), datetime.now(UTC))
