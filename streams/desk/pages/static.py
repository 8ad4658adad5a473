"""Files of ours that pages need: style, scripts."""

from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

from streams.errors import RequestRefused

_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@cache
def _content(name: str) -> bytes | None:
    """Return a file; None where there is none of this name."""
    folder = files("streams.desk").joinpath("static")
    for known in (folder, folder.joinpath("vendor")):
        for one in known.iterdir():
            if f"{'' if known is folder else 'vendor/'}{one.name}" == name and one.is_file():
                return one.read_bytes()
    return None


async def static(request: web.Request) -> web.Response:
    """Answer with a file: for ever the same under its address, which names its content."""
    name = request.match_info["name"]
    kind = _TYPES.get(name.rpartition(".")[2])
    content = None if kind is None else _content(name)
    if content is None:
        raise RequestRefused(404, "there is no such file")
    headers = {"Cache-Control": "private, max-age=31536000, immutable"}
    return web.Response(body=content, content_type=kind or "", charset="utf-8", headers=headers)
