"""Sections of the page that are measured apart from it, and stay as they are until then."""

import re
from typing import Final

CATALOGUE: Final = "## The whole catalogue"
GOOD_SALES: Final = "## Good sales"


def _place(heading: str) -> re.Pattern[str]:
    return re.compile(rf"^{re.escape(heading)}\n.*?(?=^## )", re.DOTALL | re.MULTILINE)


def kept_section(page: str, heading: str) -> str:
    """Return the section that a page has under a heading.

    Raises
    ------
    ValueError
        If it has none.
    """
    found = _place(heading).search(page)
    if found is None:
        raise ValueError(f"the page has no section {heading!r}")
    return found.group().strip()


def replaced(page: str, heading: str, text: str) -> str:
    """Return a page with a section in the place of the one that it has under this heading.

    Raises
    ------
    ValueError
        If it has none.
    """
    return page.replace(kept_section(page, heading), text, 1)
