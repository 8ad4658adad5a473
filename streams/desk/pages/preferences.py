"""In which language and colours the pages are: kept by the browser, for a year."""

from typing import Final

from aiohttp import web

from streams.desk.forms import fields_of
from streams.desk.login.attempts import own_path
from streams.desk.site.page import LANGUAGE_COOKIE, THEME_COOKIE, THEMES
from streams.desk.site.words import LANGUAGES
from streams.errors import RequestRefused

_A_YEAR_SECONDS: Final = 31_536_000
_CHOICES: Final = {LANGUAGE_COOKIE: LANGUAGES, THEME_COOKIE: THEMES}


async def preferences(request: web.Request) -> web.Response:
    """Keep what somebody chose, and lead them back to the page they were on.

    It needs no person, as the login is in a language, too; and no token: it is said of the browser
    and of nobody, and the gate lets no form of another site in.
    """
    fields = await fields_of(request)
    answer = web.Response(status=303, headers={"Location": own_path(request.query.get("to", "/"))})
    for name, known in _CHOICES.items():
        chosen = fields.get(name)
        if chosen is None:
            continue
        if chosen not in known:
            raise RequestRefused(422, f"{name}: choose one of {', '.join(known)}")
        answer.set_cookie(
            name,
            chosen,
            max_age=_A_YEAR_SECONDS,
            path="/",
            httponly=True,
            secure=request.secure,
            samesite="Lax",
        )
    return answer
