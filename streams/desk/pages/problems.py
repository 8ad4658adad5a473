"""Errors as pages, to people; programs are told them as RFC 9457 has it."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler

from streams.desk.gate import Problem
from streams.desk.pages.site import page

_WITH_WORDS: Final = frozenset({400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503})


@web.middleware
async def problem_pages(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Make a page of an error, where a browser asks for one."""
    answer = await handler(request)
    if not isinstance(answer, Problem) or not asks_for_page(request):
        return answer
    return problem_page(request, answer)


def asks_for_page(request: web.Request) -> bool:
    """Return whether whoever asks is a browser that opens a page."""
    return "text/html" in request.headers.get("Accept", "")


def problem_page(request: web.Request, problem: Problem) -> web.Response:
    """Return the page of an error: what it means in words of the reader, then its detail."""
    known = problem.status in _WITH_WORDS
    content = {"kind": str(problem.status) if known else "other", "detail": problem.detail}
    return page(request, "problem.html", content, status=problem.status)
