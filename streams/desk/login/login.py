"""Log in, come back, log out: over an issuer, to a session of the desk."""

import hmac
from typing import Final

from aiohttp import web
from yarl import URL

from streams.access.code_flow import Attempt
from streams.access.session_door import SessionDoor, cookie_of
from streams.desk.forms import form_of
from streams.desk.gate import PERSON
from streams.desk.login.attempts import LASTS_SECONDS, Attempts, landing
from streams.desk.site.page import page
from streams.errors import AccessRefused

START: Final = "/login/start"

_OTHER_BROWSER: Final = (
    "this login was not begun in this browser, or too long ago, or before a restart: log in again"
)


class Login:
    """The handlers of login.

    Parameters
    ----------
    door
        Knows people by their sessions.
    attempts
        Logins that have begun.
    """

    def __init__(self, door: SessionDoor, attempts: Attempts | None = None) -> None:
        self._door: Final = door
        self._attempts: Final = attempts or Attempts()
        self._cookie: Final = f"{door.cookie}-login"

    def routes(self) -> list[web.RouteDef]:
        """Return what is answered where."""
        return [
            web.get("/login", self._login, allow_head=False),
            web.get(START, self._begin, allow_head=False),
            web.get("/login/return", self._come_back, allow_head=False),
            web.post("/logout", self._log_out),
        ]

    async def _login(self, request: web.Request) -> web.Response:
        to = request.query.get("to", "")
        if "out" not in request.query:
            return login_page(request, to)
        return login_page(request, to, left=True, end=await self._door.flow.end_address())

    async def _begin(self, request: web.Request) -> web.Response:
        cookie = self._attempts.begin(request.query.get("to", ""))
        attempt = self._attempts.attempt(cookie)
        if attempt is None:
            raise AccessRefused(503, "the clock of the desk has jumped: log in again")
        answer = _led_to(await self._door.flow.address(attempt))
        self._set(answer, self._cookie, cookie, LASTS_SECONDS)
        return answer

    async def _come_back(self, request: web.Request) -> web.Response:
        attempt = self._attempt_of(request)
        person = await self._door.flow.person(request.query, attempt)
        known = cookie_of(request.headers.get("Cookie"), self._door.cookie)
        before = None if known is None else self._door.sessions.person(known)
        if before is not None:
            self._door.sessions.end(before)
        answer = _led_to(attempt.to)
        self._set(answer, self._door.cookie, self._door.sessions.begin(person))
        self._set(answer, self._cookie, "", 0)
        return answer

    async def _log_out(self, request: web.Request) -> web.Response:
        await form_of(request)
        self._door.sessions.end(request[PERSON])
        answer = _led_to("/login?out=1")
        self._set(answer, self._door.cookie, "", 0)
        return answer

    def _attempt_of(self, request: web.Request) -> Attempt:
        """Return the login that this browser began, whose answer this is."""
        cookie = cookie_of(request.headers.get("Cookie"), self._cookie)
        attempt = None if cookie is None else self._attempts.attempt(cookie)
        given = request.query.get("state", "").encode("utf-8", "surrogatepass")
        if attempt is None or not hmac.compare_digest(given, attempt.state.encode()):
            raise AccessRefused(400, _OTHER_BROWSER)
        return attempt

    def _set(self, answer: web.Response, name: str, value: str, seconds: int | None = None) -> None:
        # Lax: people come back from the issuer, and from mails, by links of another site.
        answer.set_cookie(
            name,
            value,
            max_age=seconds,
            path="/",
            httponly=True,
            secure=self._door.secure,
            samesite="Lax",
        )


def login_page(
    request: web.Request,
    to: str,
    *,
    status: int = 200,
    left: bool = False,
    end: URL | None = None,
    detail: str = "",
) -> web.Response:
    """Return the page from which people log in, to come to an address of the desk.

    Whoever has `left` is led to where they `end` their session at the issuer. By a link: a form's
    answer that led there would be stopped by ``form-action 'self'``.
    """
    content = {"start": start_address(to), "left": left, "end": end, "detail": detail}
    return page(request, "login.html", content, status=status)


def start_address(to: str) -> str:
    """Return where a login begins after which somebody comes to an address of the desk."""
    return str(URL(START).with_query(to=landing(to)))


def _led_to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address})
