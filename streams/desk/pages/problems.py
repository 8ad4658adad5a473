"""Errors as pages, to people; programs are told them as RFC 9457 has it."""

from typing import Final

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from streams.desk.forms import TOKEN, fields_of
from streams.desk.gate import Problem
from streams.desk.login.attempts import own_path
from streams.desk.login.login import login_page, start_address
from streams.desk.site.page import page
from streams.errors import FormOutdated, RequestRefused

_UNKNOWN: Final = 401
_WITH_WORDS: Final = frozenset({400, _UNKNOWN, 403, 404, 405, 413, 415, 422, 429, 500, 503})


def problem_pages(*, can_log_in: bool) -> Middleware:
    """Return what makes a page of an error, where a browser asks for one.

    Whoever is not known is led to the login, and from there to where they were. A form that came
    too late is given back as it was filled in.

    Parameters
    ----------
    can_log_in
        Whether people log in at the desk.
    """

    @web.middleware
    async def as_page(request: web.Request, handler: Handler) -> web.StreamResponse:
        answer = await handler(request)
        if not isinstance(answer, Problem) or not _asks_for_page(request):
            return answer
        is_unknown = answer.status == _UNKNOWN and can_log_in
        if request.method == "POST" and (is_unknown or isinstance(answer.error, FormOutdated)):
            return await _form_again(request, answer, can_log_in=can_log_in)
        if is_unknown and request.method == "GET":
            to = request.rel_url.raw_path_qs
            return login_page(request, to, status=_UNKNOWN, detail=answer.detail)
        return _problem_page(request, answer, can_log_in=can_log_in)

    return as_page


def _asks_for_page(request: web.Request) -> bool:
    return "text/html" in request.headers.get("Accept", "")


def _problem_page(request: web.Request, problem: Problem, *, can_log_in: bool) -> web.Response:
    kind = str(problem.status) if problem.status in _WITH_WORDS else "other"
    start = ""
    if can_log_in and request.path.startswith("/login"):
        kind, start = "login", start_address("/")
    content = {"kind": kind, "detail": problem.detail, "start": start}
    return page(request, "problem.html", content, status=problem.status)


async def _form_again(request: web.Request, problem: Problem, *, can_log_in: bool) -> web.Response:
    """Return a form as it was filled in: no page of another site gets as far as here."""
    try:
        fields = await fields_of(request)
    except (RequestRefused, web.HTTPException):
        return _problem_page(request, problem, can_log_in=can_log_in)
    written = [(name, value) for name, value in fields.items() if name != TOKEN]
    if not written and problem.status == _UNKNOWN:
        return login_page(request, "/", status=_UNKNOWN, detail=problem.detail)
    content = {
        "action": own_path(request.rel_url.raw_path_qs),
        "fields": written,
        "start": start_address("/") if problem.status == _UNKNOWN else "",
    }
    return page(request, "send_again.html", content, status=problem.status)
