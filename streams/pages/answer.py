"""What a page answers, and how a service says what is wrong with it.

A page must not wait for the loop of its service: a loop that hangs is just what the pages are there
to report.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct, field

_JSON: Final = "application/json"


class Answer(NamedTuple):
    """What a page answers."""

    status: HTTPStatus
    content_type: str
    body: bytes


Page = Callable[[str], Answer]
"""Returns the answer to a request, whose ``Accept`` header is its argument."""


class Complaint(Struct, frozen=True, omit_defaults=True):
    """What is wrong, where, and for how many seconds it has been so."""

    what: str
    seconds: float
    stage: str = ""
    topic: str = ""
    partition: int | None = None
    lag: int = 0
    remedy: str = ""


class Condition(Struct, frozen=True):
    """An answer to a question about health: yes, if there is nothing to complain about.

    Notes say what people should know and have accepted, or can only wait for.
    """

    complaints: list[Complaint] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.complaints


def service_pages(
    measured: Callable[[str], tuple[str, bytes]],
    liveness: Callable[[], Condition],
    readiness: Callable[[], Condition],
) -> dict[str, Page]:
    """Return the three pages of a service, by their paths.

    `measured` returns content type and text for Prometheus, for an ``Accept`` header.
    """
    return {
        "/metrics": lambda accept: Answer(HTTPStatus.OK, *measured(accept)),
        "/healthz": lambda _: _condition("alive", liveness()),
        "/readyz": lambda _: _condition("ready", readiness()),
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
