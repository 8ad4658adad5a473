"""The audit trail: every decision that counts or was refused, to be replayed elsewhere."""

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec
from aiohttp import web

from detectors.basis.durations import seconds_of
from detectors.basis.errors import InvalidEvent
from detectors.basis.event_time import Seconds
from detectors.cases.reading import DecisionDecoder, require_past
from detectors.events.decision import Decision, Role
from detectors.settings import Settings
from streams.desk.desk import Desk
from streams.desk.export.attachment import all_written_down, attachment
from streams.desk.gate import PERSON
from streams.desk.model.conditions import Condition
from streams.desk.model.read_model import ReadModel
from streams.desk.rows import CaseRow
from streams.errors import AccessRefused

READERS: Final[tuple[Role, ...]] = ("auditor", "approver")

_IN_ORDER: Final = """
SELECT learned_at, record FROM (
    SELECT partition, offset, learned_at, record,
        max(learned_at) OVER (PARTITION BY partition ORDER BY offset) AS told_at
    FROM decisions)
ORDER BY told_at, partition, offset"""
"""Those of a partition in the order of their log, whatever the clocks of the brokers said."""

_MICROSECONDS: Final = 1e6


class Told(NamedTuple):
    """A decision, and the line that holds it."""

    decision: Decision
    line: bytes


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

    def _read(self) -> tuple[list[Told], list[CaseRow]]:
        model = self._desk.model
        with model.one_moment():
            told = [*decisions_in(model, self._desk.settings)]
            return told, model.cases_where(Condition("1", {}), datetime.now(UTC))


def decisions_in(model: ReadModel, settings: Settings) -> Iterator[Told]:
    """Yield the decisions that the keeper of cases takes, those of a case in the order of the log.

    What it cannot read, or what came before it was taken, is a dead letter, and no decision.
    """
    decode = DecisionDecoder(settings.limits).decode
    tolerance = seconds_of(settings.time.tolerance)
    for learned_at, record in model.ask(_IN_ORDER):
        try:
            decision = decode(record)
            require_past(decision, Seconds(learned_at / _MICROSECONDS), tolerance)
        except InvalidEvent:
            continue
        yield Told(decision, _in_one_line(record))


def _in_one_line(record: bytes) -> bytes:
    """Return a record as it stands, but for line breaks between its fields."""
    if b"\n" in record or b"\r" in record:
        record = msgspec.json.format(record, indent=-1)
    return record + b"\n"
