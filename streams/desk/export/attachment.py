"""A file that is saved, and not shown: and a record of everybody in it."""

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from aiohttp import web

from streams.desk.filters import MOST_ROWS
from streams.desk.rows import CaseRow
from streams.desk.witness import Witness


def attachment(body: bytes, name: str, content_type: str) -> web.Response:
    """Return a file under a name of ASCII letters."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=body, content_type=content_type, charset="utf-8", headers=headers)


_MOST_ALERTS: Final = 1_000
"""That a record of a lookup can name."""


async def all_written_down(
    witness: Witness,
    request: web.Request,
    rows: Sequence[CaseRow],
    alert_ids: Iterable[str],
    answer: web.Response,
) -> web.Response:
    """Return the answer once everybody in it is written down, in as many records as it takes.

    Raises
    ------
    BrokerError
        It may not be written down: nothing may leave.
    """
    cases, alerts = iter(rows), iter(alert_ids)
    while True:
        some, others = [*islice(cases, MOST_ROWS)], [*islice(alerts, _MOST_ALERTS)]
        answer = await witness.shown(request, some, others, answer)
        if len(some) < MOST_ROWS and len(others) < _MOST_ALERTS:
            return answer
