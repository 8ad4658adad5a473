"""The pages of a worker: what it measured, whether it is alive, whether it is ready.

A page must not wait for the event loop of the worker: a loop that hangs is just what the pages are
there to report.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec

from streams.metrics import Metrics
from streams.worker.health import Condition, Health

_JSON: Final = "application/json"


class Answer(NamedTuple):
    """What a page answers."""

    status: HTTPStatus
    content_type: str
    body: bytes


Page = Callable[[str], Answer]
"""Returns the answer to a request, whose ``Accept`` header is its argument."""


def worker_pages(metrics: Metrics, health: Health) -> dict[str, Page]:
    """Return the pages of a worker, by their paths."""

    def measured(accept: str) -> Answer:
        return Answer(HTTPStatus.OK, *metrics.exposition(accept))

    return {
        "/metrics": measured,
        "/healthz": lambda _: _condition("alive", health.liveness()),
        "/readyz": lambda _: _condition("ready", health.readiness()),
    }


def as_json(status: HTTPStatus, content: Mapping[str, object]) -> Answer:
    """Return an answer in JSON, in which every control character is escaped."""
    return Answer(status, _JSON, msgspec.json.encode(content) + b"\n")


def _condition(word: str, condition: Condition) -> Answer:
    status = HTTPStatus.OK if condition.ok else HTTPStatus.SERVICE_UNAVAILABLE
    complaints = [
        msgspec.structs.replace(complaint, seconds=round(complaint.seconds, 1))
        for complaint in condition.complaints
    ]
    notes = {"notes": condition.notes} if condition.notes else {}
    return as_json(status, {word: condition.ok, "complaints": complaints, **notes})
