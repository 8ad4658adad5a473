"""Forms of the desk: only those that the desk has given to the same session are taken."""

import hashlib
import hmac
import secrets
from typing import Final

from aiohttp import web
from multidict import MultiDictProxy

from streams.desk.gate import PERSON
from streams.errors import FormOutdated, RequestRefused

TOKEN: Final = "token"  # noqa: S105 - the name of the field

_KEY: Final = secrets.token_bytes(32)
"""Of this process: after a restart a page that was open has to be read again."""

_FORM: Final = "application/x-www-form-urlencoded"


def token_of(request: web.Request) -> str:
    """Return what a form of this session must bring; empty where nobody is known."""
    person = request.get(PERSON)
    if person is None:
        return ""
    said = f"{person.mode} {person.session} {person.login}"
    return hmac.new(_KEY, said.encode(), hashlib.sha256).hexdigest()


async def form_of(request: web.Request) -> MultiDictProxy[str]:
    """Return the fields of a form that the desk has given to this session.

    Raises
    ------
    RequestRefused
        It is no form.
    FormOutdated
        Its token is another's, or from before a login or a restart.
    """
    fields = await fields_of(request)
    token = fields.get(TOKEN, "")
    if not hmac.compare_digest(token.encode("utf-8", "surrogatepass"), token_of(request).encode()):
        raise FormOutdated
    return fields


async def fields_of(request: web.Request) -> MultiDictProxy[str]:
    """Return the fields of a form, whoever has sent it.

    Raises
    ------
    RequestRefused
        It is no form.
    """
    if request.content_type != _FORM:
        raise RequestRefused(415, f"send a form as Content-Type: {_FORM}")
    fields = await request.post()
    if not all(isinstance(value, str) for value in fields.values()):
        raise RequestRefused(400, "this form takes no files")
    return fields  # type: ignore[return-value] # none is a file, as asked above
