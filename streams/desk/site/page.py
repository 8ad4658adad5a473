"""Fills templates: every page of the desk goes through here."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined

from streams.desk.forms import token_of
from streams.desk.gate import PERSON
from streams.desk.offers import offers
from streams.desk.site.counted import counted
from streams.desk.site.words import Words, language_of, words_of
from streams.reports.words import words_of as words_of_pattern

THEME_COOKIE: Final = "theme"
LANGUAGE_COOKIE: Final = "language"

THEMES: Final = ("auto", "light", "dark")
LANGUAGE_NAMES: Final = (("en", "English"), ("de", "Deutsch"))

_NAVIGATION: Final = (
    ("queue", "/cases"),
    ("inbox", "/inbox"),
    ("overview", "/overview"),
    ("fairness", "/fairness"),
)
"""The pages that every page leads to: the key of its name, and its address."""


@cache
def environment() -> Environment:
    """Return where templates come from: everything that is put into them is escaped."""
    made = Environment(
        loader=PackageLoader("streams.desk"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    made.globals["navigation"] = _NAVIGATION
    made.globals["themes"] = THEMES
    made.globals["languages"] = LANGUAGE_NAMES
    made.globals["offers"] = offers
    made.globals["counted"] = counted
    made.globals["pattern_title"] = lambda name: words_of_pattern(name).title
    return made


@cache
def asset(name: str) -> str:
    """Return the address of a file of ours, which changes when the file does."""
    content = files("streams.desk").joinpath("static", name).read_bytes()
    return f"/static/{name}?{hashlib.sha256(content).hexdigest()[:12]}"


def words_for(request: web.Request) -> Words:
    """Return the words in the language of whoever asks."""
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    return words_of(language_of(chosen, request.headers.get("Accept-Language", "")))


def page(
    request: web.Request,
    template: str,
    content: Mapping[str, object],
    *,
    status: int = 200,
) -> web.Response:
    """Return a page, or a part of one.

    Beside what is given, templates know ``t`` (words, dates and numbers), ``person`` (None where
    nobody is logged in), ``token`` (for forms), ``theme`` (``auto``, ``light``, ``dark``), ``path``
    and ``here`` (where somebody comes back to who changes how pages look).
    """
    person = request.get(PERSON)
    theme = request.cookies.get(THEME_COOKIE)
    html = (
        environment()
        .get_template(template)
        .render(
            t=words_for(request),
            person=person,
            token=token_of(request),
            theme=theme if theme in THEMES else "auto",
            path=request.path,
            here=request.rel_url.raw_path_qs if request.method == "GET" else "/",
            **content,
        )
    )
    return web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
