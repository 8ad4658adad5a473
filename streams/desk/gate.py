"""What stands before every answer: who is there, from where, and what a browser may do with it."""

import asyncio
import logging
from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from streams.access.person import Caller, Door, Person
from streams.desk.limits.rates import Rates
from streams.errors import AccessRefused, BrokerError, RequestRefused
from streams.metrics.desk_metrics import DeskMetrics

PERSON: Final = web.RequestKey("person", Person)
"""Under which a request holds who has sent it."""

_DOOR: Final = web.RequestKey[Door]("door", Door)

OPEN: Final = frozenset(
    {"/static/{name}", "/preferences", "/login", "/login/start", "/login/return"}
)
"""What is answered to anybody, by the path of its route: nothing there names anybody."""

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # without any, a browser calls the origin of our forms null
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "aboveboard",
}
_OF_PAGES: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'"
)
_OF_ALL_ELSE: Final = "default-src 'none'; frame-ancestors 'none'"
_OF_TLS: Final = {"Strict-Transport-Security": "max-age=31536000"}

_OWN: Final = ("same-origin", "none")
"""What `Sec-Fetch-Site` says of a page of ours, and of an address that a person typed."""

_REMEDIES: Final = {
    404: "there is no such page: docs/access.md lists those that there are",
    405: "this page does not take that method: docs/access.md says which",
    413: "the body is too large: a decision has 64 KiB at most",
}

_BODY_SECONDS: Final = 20.0

_NO_KAFKA: Final = "Kafka does not answer, so nothing is shown or taken: try again"
_OF_ANOTHER_SITE: Final = "a page of another site has sent this: call the desk itself"

_log: Final = logging.getLogger("aboveboard.desk")


class Problem(web.Response):
    """An error as RFC 9457 has it; ``detail`` says why, and what to do; ``error`` was raised."""

    def __init__(self, status: int, detail: str, error: Exception) -> None:
        body = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": detail,
        }
        super().__init__(
            status=status,
            body=msgspec.json.encode(body) + b"\n",
            content_type="application/problem+json",
        )
        self.detail: Final = detail
        self.error: Final = error


class Gate:
    """What stands before every answer, as middleware of aiohttp.

    Parameters
    ----------
    door
        Tells who is there.
    metrics
        Counts what became of every request.
    challenge
        What ``WWW-Authenticate`` asks for from somebody unknown; empty for nothing.
    rates
        How often somebody may ask.
    """

    def __init__(
        self, door: Door, metrics: DeskMetrics, challenge: str, rates: Rates | None = None
    ) -> None:
        self.door: Final = door
        self._metrics: Final = metrics
        self._challenge: Final = challenge
        self._rates: Final = Rates() if rates is None else rates

    @property
    def around(self) -> Middleware:
        """What stands around all else: counts answers, and tells browsers what to do with them."""

        @web.middleware
        async def complete(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = await handler(request)
            if not answer.prepared:  # a stream of events has sent its headers
                _complete(answer, request)
            if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
                answer.headers["Retry-After"] = "1"
            if answer.status == HTTPStatus.UNAUTHORIZED and self._challenge:
                answer.headers["WWW-Authenticate"] = self._challenge
            self._metrics.request(answer.status)
            return answer

        return complete

    @property
    def middleware(self) -> Middleware:
        """What stands right before the handlers: asks who is there, and tells what went wrong."""

        @web.middleware
        async def through(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                _refuse_other_sites(request)
                if not _is_open(request):
                    request[PERSON] = await self.door.person(_caller(request))
                    request[_DOOR] = self.door
                self._require_rate(request)
                if request.body_exists:
                    async with asyncio.timeout(_BODY_SECONDS):
                        await request.read()  # and kept, for whoever reads it again
                return await handler(request)
            except TimeoutError as error:
                return Problem(408, "the body of the request did not come: send it again", error)
            except (AccessRefused, RequestRefused) as error:
                return Problem(error.status, str(error), error)
            except web.HTTPException as error:
                return Problem(error.status, _REMEDIES.get(error.status, error.reason), error)
            except BrokerError as error:
                _log.error("%s", error)
                return Problem(503, _NO_KAFKA, error)
            except Exception as error:  # noqa: BLE001 - whatever it is, it names nobody to whom nobody knows
                _log.exception("a request failed")
                return Problem(500, "this could not be done; the log of the desk says why", error)

        return through

    def _require_rate(self, request: web.Request) -> None:
        """Refuse whoever asks too often: a person everywhere, a stranger where people log in."""
        person = request.get(PERSON)
        if person is None and request.path.startswith("/login"):
            asking = f"address {_caller(request).address}"
        elif person is None or person.mode == "none":  # all on this machine are one
            return
        else:
            asking = f"person {person.login}"
        if not self._rates.admits(asking):
            raise RequestRefused(429, "you ask too often: wait a second, and ask again")


async def is_still_known(request: web.Request) -> bool:
    """Return whether whoever sent a request that is still answered may still see the answer."""
    try:
        return await request[_DOOR].person(_caller(request)) == request[PERSON]
    except AccessRefused:
        return False


def _complete(answer: web.StreamResponse, request: web.Request) -> None:
    """Add the headers that tell a browser what it may do with an answer."""
    cached = answer.headers.get("Cache-Control", _HEADERS["Cache-Control"])
    answer.headers.update(_HEADERS | (_OF_TLS if request.secure else {}))
    answer.headers["Cache-Control"] = cached
    is_page = answer.content_type == "text/html"
    answer.headers["Content-Security-Policy"] = _OF_PAGES if is_page else _OF_ALL_ELSE


def _is_open(request: web.Request) -> bool:
    resource = request.match_info.route.resource
    return resource is not None and resource.canonical in OPEN


def _refuse_other_sites(request: web.Request) -> None:
    """Refuse what a page of somebody else has sent: a browser adds the certificate or the proxy.

    A link in a mail or on a dashboard is let through: it opens a page of ours in place of theirs,
    which theirs cannot read, and changes nothing.
    """
    site = request.headers.get("Sec-Fetch-Site", "none")
    origin = request.headers.get("Origin")
    # The scheme is not compared: a proxy may have taken TLS off.
    own = f"//{request.headers.get('Host', '')}"
    if origin is not None and f"//{origin.partition('//')[2]}" != own:
        raise AccessRefused(403, _OF_ANOTHER_SITE)
    if site not in _OWN and not _is_link(request):
        raise AccessRefused(403, _OF_ANOTHER_SITE)


def _is_link(request: web.Request) -> bool:
    fetched = request.headers.get("Sec-Fetch-Mode"), request.headers.get("Sec-Fetch-Dest")
    return request.method == "GET" and fetched == ("navigate", "document")


def _caller(request: web.Request) -> Caller:
    transport = request.transport
    if transport is None:
        raise AccessRefused(401, "the connection has ended")
    peer = transport.get_extra_info("peername")
    headers = [*request.headers.items()]
    # What a page reads anew, and the stream that tells it to, go on while nobody is there.
    by_itself = request.method == "GET" and (
        "HX-Request" in request.headers
        or request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate"
    )
    certificate = transport.get_extra_info("peercert")
    return Caller(str(peer[0]), headers, certificate, by_itself)
