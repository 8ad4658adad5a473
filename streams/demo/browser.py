"""Shows a page of the demo in the browser of whoever watches it."""

import os
import sys
import webbrowser
from collections.abc import Mapping
from typing import Final

_DISPLAYS: Final = ("DISPLAY", "WAYLAND_DISPLAY")


def can_show(environment: Mapping[str, str], *, is_watched: bool) -> bool:
    """Return whether somebody is there to see a page: at a terminal, and with a display."""
    has_display = any(environment.get(name) for name in _DISPLAYS)
    return is_watched and (has_display or sys.platform == "darwin")


def open_in_browser(address: str) -> None:
    """Open an address, if there is a browser and somebody to see it; else do nothing."""
    if can_show(os.environ, is_watched=sys.stdout.isatty()):
        webbrowser.open(address)
