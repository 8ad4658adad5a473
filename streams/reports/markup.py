"""HTML put together from parts: whatever is not markup already is text, and is escaped.

Texts come from sources that may be hostile. So no text is ever pasted into HTML: only `element`
makes markup, and only of names that stand in this program.
"""

from collections.abc import Iterable
from html import escape
from typing import Final

from streams.printable import printable

_VOID: Final = frozenset({"br", "circle", "col", "line", "meta", "path", "polyline", "rect"})
"""Elements without content."""


class Markup(str):
    """A piece of finished HTML or SVG."""

    __slots__ = ()


Part = str | Iterable["Part"]
"""What an element holds: text, markup, or several of either."""


def element(tag: str, *parts: Part, **attributes: str | float | None) -> Markup:
    """Return an element.

    An attribute is named as in HTML, with ``_`` for ``-`` and one behind a word that Python keeps
    for itself (``class_``); None leaves it out.
    """
    given = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{text_in(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Markup(f"<{tag}{given}>" if tag in {"br", "col", "meta"} else f"<{tag}{given}/>")
    return Markup(f"<{tag}{given}>{joined(parts)}</{tag}>")


def joined(part: Part) -> Markup:
    """Return parts one behind the other."""
    if isinstance(part, Markup):
        return part
    if isinstance(part, str):
        return text_in(part)
    return Markup("".join(joined(one) for one in part))


def text_in(value: str | float) -> Markup:
    """Return a text as it stands in HTML, between tags or in an attribute.

    Characters that nobody sees are replaced, also those that turn the direction of writing.
    """
    if isinstance(value, float):
        value = f"{value:.2f}"
    return Markup(escape(printable(f"{value}"), quote=True))
