"""What a browser would make of a page: its elements, its text, and what it would load or run."""

from html.parser import HTMLParser
from typing import Final

RUNS: Final = frozenset({"script", "iframe", "object", "embed", "form", "base", "link", "img"})
"""Elements that run or load something, or let a page do so."""

LOADS: Final = frozenset({"src", "srcset", "action", "data", "formaction", "poster", "background"})
"""Attributes that name what is loaded."""


class ReadPage(HTMLParser):
    """A page that was parsed."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: Final[list[tuple[str, dict[str, str | None]]]] = []
        self.texts: Final[list[str]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def dangers(self) -> list[str]:
        """Return what would run, or leave the page."""
        found = [tag for tag, _ in self.elements if tag in RUNS]
        for tag, attributes in self.elements:
            for name, value in attributes.items():
                leaves = name == "href" and not (value or "").startswith("#")
                if name.startswith("on") or name in LOADS or leaves or ":" in name:
                    found.append(f"{tag} {name}={value}")
        return found
