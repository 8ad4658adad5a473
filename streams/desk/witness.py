"""Writes down who looks at whom, before they see it."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Final, TypeVar
from uuid import uuid4

from aiohttp import web

from streams.desk.gate import PERSON
from streams.desk.rows import AlertRow, CaseRow, subjects_of
from streams.errors import BrokerError
from streams.metrics.desk_metrics import DeskMetrics
from streams.wire.lookup_record import Lookup, ShownSubject

AnswerOfAnyKind = TypeVar("AnswerOfAnyKind", bound=web.StreamResponse)

_MOST_NAMED: Final = 1_000
_LONGEST_PATH: Final = 2_048
_LONGEST_QUERY: Final = 4_096


class Witness:
    """Every answer that names people goes through it.

    Parameters
    ----------
    write
        Stores a lookup, and returns when it is stored; it may block.
    metrics
        Counts the answers that could not be given.
    """

    def __init__(self, write: Callable[[Lookup], None], metrics: DeskMetrics) -> None:
        self._write: Final = write
        self._metrics: Final = metrics

    async def shown(
        self,
        request: web.Request,
        rows: Sequence[AlertRow | CaseRow | ShownSubject],
        alert_ids: Iterable[str],
        answer: AnswerOfAnyKind,
    ) -> AnswerOfAnyKind:
        """Return the answer, once it is written down who looks at whom.

        Raises
        ------
        BrokerError
            It may not be written down: nothing may be shown.
        """
        lookup = lookup_of(request, rows, alert_ids)
        try:
            await asyncio.to_thread(self._write, lookup)
        except BrokerError:
            self._metrics.unwritten()
            raise
        return answer


def lookup_of(
    request: web.Request,
    rows: Sequence[AlertRow | CaseRow | ShownSubject],
    alert_ids: Iterable[str],
) -> Lookup:
    """Return the record of an answer with these rows and subjects, and alerts of these ids."""
    person, asked = request[PERSON], request.rel_url
    listed = [row for row in rows if not isinstance(row, ShownSubject)]
    named = {row for row in rows if isinstance(row, ShownSubject)}
    cases = sorted({row.case_id for row in listed})
    alerts = sorted(set(alert_ids))
    subjects = sorted(named.union(*map(subjects_of, listed)))
    return Lookup(
        lookup_id=uuid4().hex,
        at=datetime.now(UTC),
        who=person.login,
        role=person.role,
        mode=person.mode,
        path=_bounded(asked.raw_path, _LONGEST_PATH),
        query=_bounded(asked.raw_query_string, _LONGEST_QUERY),
        case_ids=tuple(cases[:_MOST_NAMED]),
        alert_ids=tuple(alerts[:_MOST_NAMED]),
        subjects=tuple(subjects[:_MOST_NAMED]),
        more=sum(max(0, len(told) - _MOST_NAMED) for told in (cases, alerts, subjects)),
    )


def _bounded(text: str, most: int) -> str:
    return re.sub(r"[^ -~]", "?", text)[:most]
